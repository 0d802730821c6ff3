"""What an answer is still writing, kept so that a reload, a stop or a crash shows it."""

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
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    WorkflowItem,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)

from taskchat.database import Connection
from taskchat.threads import append_item


class AnswerDrafts:
    """The open items of one run, following its events; see `taskchat.runs.Drafts`."""

    def __init__(self, user_id: str, thread_id: str) -> None:
        self.input_tokens = 0
        self.output_tokens = 0
        self._user_id = user_id
        self._thread_id = thread_id
        self._open: dict[str, ThreadItem] = {}
        self._unsaved: set[str] = set()

    def observe(self, event: ThreadStreamEvent) -> None:
        """Bring the open items up to date with an event of the answer."""
        match event:
            case ThreadItemAddedEvent(item=item):
                self._open[item.id] = item.model_copy(deep=True)
                self._unsaved.add(item.id)
            case ThreadItemUpdatedEvent(item_id=item_id) if item_id in self._open:
                _apply(self._open[item_id], event)
                self._unsaved.add(item_id)
            case ThreadItemDoneEvent(item=item):
                self._forget(item.id)
            case ThreadItemRemovedEvent(item_id=item_id):
                self._forget(item_id)
            case _:
                pass

    def keep(self, event: ThreadStreamEvent) -> None:
        """Take in an event that nobody will stream any more: what is done is saved, too."""
        self.observe(event)
        if isinstance(event, ThreadItemDoneEvent):
            self._open[event.item.id] = event.item
            self._unsaved.add(event.item.id)

    def _forget(self, item_id: str) -> None:
        self._open.pop(item_id, None)
        self._unsaved.discard(item_id)

    def interrupt(self) -> None:
        """Say in the open items that nothing more will come: no step is at work any longer."""
        for item in self._open.values():
            if isinstance(item, WorkflowItem) and end_steps(item):
                self._unsaved.add(item.id)

    async def save(self, connection: Connection) -> None:
        """Write the items that changed, as drafts: never over an item that is done."""
        unsaved, self._unsaved = self._unsaved, set()
        try:
            for item_id in unsaved:
                item = self._open.get(item_id)
                if item and not _is_empty(item):
                    await append_item(connection, self._user_id, self._thread_id, item, draft=True)
        except BaseException:
            self._unsaved |= unsaved & self._open.keys()
            raise

    def usage(self) -> tuple[int, int]:
        """The model's input and output tokens so far."""
        return self.input_tokens, self.output_tokens


def end_steps(item: WorkflowItem) -> bool:
    """Mark the steps that were at work as no longer so; whether there were any."""
    loading = [task for task in item.workflow.tasks if task.status_indicator == "loading"]
    for task in loading:
        task.status_indicator = "none"
    return bool(loading)


def _is_empty(item: ThreadItem) -> bool:
    return isinstance(item, AssistantMessageItem) and not any(
        part.text.strip() for part in item.content
    )


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
