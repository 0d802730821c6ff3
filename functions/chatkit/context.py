"""What an answer needs beyond what every request carries."""

from dataclasses import dataclass

from chatkit.types import ThreadStreamEvent

from functions.chatkit.drafts import AnswerDrafts
from taskchat.context import RequestContext


@dataclass(frozen=True, kw_only=True)
class ChatContext(RequestContext):
    """A request to the chat: `drafts` where it makes an answer, `done` where it was a click."""

    drafts: AnswerDrafts | None = None
    done: tuple[ThreadStreamEvent, ...] = ()
