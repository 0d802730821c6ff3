"""Gives the assistant's messages ids and times that can be stored, unlike openai-agents' own."""

from datetime import UTC

from chatkit.types import (
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)

from taskchat.clock import utc_now
from taskchat.identifiers import new_id


class MessageIds:
    """Gives each message its own id and time, and every item's time a UTC offset.

    openai-agents gives every message of a chat-completions model the id `__fake_id__`
    (agents.models.fake_id), so two messages of one run would overwrite each other. The SDK's times
    have no offset, so browsers would read them as local times.
    """

    def __init__(self) -> None:
        self._current: str | None = None
        self._created_at = utc_now()

    def give(self, event: ThreadStreamEvent) -> ThreadStreamEvent:
        """The event with the id and time of its message."""
        match event:
            case ThreadItemAddedEvent(item=AssistantMessageItem() as item):
                self._current, self._created_at = new_id("msg"), utc_now()
                return ThreadItemAddedEvent(item=self._renamed(item))
            case ThreadItemDoneEvent(item=AssistantMessageItem() as item) if self._current:
                return ThreadItemDoneEvent(item=self._renamed(item))
            case ThreadItemUpdatedEvent(update=update) if self._current and update.type.startswith(
                "assistant_message."
            ):
                return ThreadItemUpdatedEvent(item_id=self._current, update=update)
            case ThreadItemAddedEvent(item=item) | ThreadItemDoneEvent(item=item):
                item.created_at = item.created_at.astimezone(UTC)
                return event
            case _:
                return event

    def _renamed(self, item: AssistantMessageItem) -> AssistantMessageItem:
        return item.model_copy(update={"id": self._current, "created_at": self._created_at})
