"""The items that an answer is writing, saved so that a reload, a stop or a crash keeps them."""

from dataclasses import dataclass

from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    WorkflowItem,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)

from taskchat.threads.open_items import close_open_item, is_empty


@dataclass(frozen=True, kw_only=True)
class UnsavedItem:
    """An item whose current state is not stored yet. `done`: nothing will be added to it."""

    item: ThreadItem
    done: bool
    version: int


class Checkpoint:
    """Follows the events of one answer and keeps the items whose current state is not stored.

    Store what `unsaved` returns, then pass it to `confirm`.
    """

    def __init__(self) -> None:
        self._items: dict[str, UnsavedItem] = {}
        self._saved: dict[str, int] = {}
        self._version = 0

    def observe(self, event: ThreadStreamEvent) -> None:
        """Update the items with an event of the answer."""
        match event:
            case ThreadItemAddedEvent(item=item):
                self._put(item.model_copy(deep=True))
            case ThreadItemUpdatedEvent(item_id=item_id) if unsaved := self._items.get(item_id):
                _apply(unsaved.item, event)
                self._put(unsaved.item)
            case ThreadItemDoneEvent(item=item) | ThreadItemReplacedEvent(item=item):
                self._put(item, done=True)
            case _:
                pass

    def unsaved(self) -> list[UnsavedItem]:
        """The items to store, in their order, without messages that are open and still empty."""
        return [
            unsaved
            for unsaved in self._items.values()
            if self._saved.get(unsaved.item.id) != unsaved.version
            and (unsaved.done or not is_empty(unsaved.item.type, unsaved.item.model_dump()))
        ]

    def confirm(self, saved: list[UnsavedItem]) -> None:
        """Note that these items, which `unsaved` returned, were stored."""
        for unsaved in saved:
            item_id = unsaved.item.id
            latest = self._items.get(item_id)
            if latest and latest.done and latest.version == unsaved.version:
                del self._items[item_id]
                self._saved.pop(item_id, None)
            else:
                self._saved[item_id] = unsaved.version

    def close(self) -> list[ThreadStreamEvent]:
        """Complete the open items as `open_items` defines. Returns the events for it."""
        events: list[ThreadStreamEvent] = []
        for unsaved in [*self._items.values()]:
            item = unsaved.item
            if unsaved.done:
                continue
            if is_empty(item.type, item.model_dump()):
                del self._items[item.id]
                events.append(ThreadItemRemovedEvent(item_id=item.id))
                continue
            closed = type(item).model_validate(close_open_item(item.type, item.model_dump()))
            self._put(closed, done=True)
            events.append(ThreadItemDoneEvent(item=closed))
        return events

    def _put(self, item: ThreadItem, *, done: bool = False) -> None:
        self._version += 1
        self._items[item.id] = UnsavedItem(item=item, done=done, version=self._version)


def _apply(item: ThreadItem, event: ThreadItemUpdatedEvent) -> None:
    match item, event.update:
        case AssistantMessageItem(content=content), AssistantMessageContentPartTextDelta() as delta:
            _part(content, delta.content_index).text += delta.delta
        case (
            AssistantMessageItem(content=content),
            (AssistantMessageContentPartAdded() | AssistantMessageContentPartDone()) as part,
        ):
            _part(content, part.content_index)
            content[part.content_index] = part.content.model_copy(deep=True)
        case WorkflowItem(workflow=workflow), WorkflowTaskAdded(task=task):
            workflow.tasks.append(task.model_copy())
        case WorkflowItem(workflow=workflow), WorkflowTaskUpdated(task=task, task_index=index):
            workflow.tasks[index] = task.model_copy()
        case _:
            pass


def _part(content: list[AssistantMessageContent], index: int) -> AssistantMessageContent:
    while len(content) <= index:
        content.append(AssistantMessageContent(text=""))
    return content[index]
