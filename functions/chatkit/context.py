"""What an answer needs beyond what every request carries."""

from dataclasses import dataclass

from chatkit.types import UserMessageItem

from functions.chatkit.drafts import AnswerDrafts
from taskchat.context import RequestContext


@dataclass(frozen=True, kw_only=True)
class ChatContext(RequestContext):
    """A request to the chat.

    `message` is the stored message that it has answered, and `drafts` what the answer is writing.
    """

    message: UserMessageItem | None = None
    drafts: AnswerDrafts | None = None
