"""What an answer is still writing, kept so that a reload, a stop or a crash shows it."""

from typing import Protocol

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


class AgentRun(Protocol):
    """What the model and the tools do for one answer."""

    def halt(self) -> None:
        """Ask the model no more, and start no tool; what is streamed comes to its end."""

    async def settle(self) -> list[ThreadStreamEvent]:
        """Let the tools that have begun end; returns what was shown but not streamed."""

    def usage(self) -> tuple[int, int]:
        """The model's input and output tokens."""


class AnswerDrafts:
    """The open items of one run, following its events; see `taskchat.runs.execution.Checkpoint`."""

    def __init__(self, user_id: str, thread_id: str, run_id: str) -> None:
        self._user_id = user_id
        self._thread_id = thread_id
        self._run_id = run_id
        self._open: dict[str, ThreadItem] = {}
        # By item, in the order in which they came, the number of the change that is not saved.
        self._unsaved: dict[str, int] = {}
        self._sent: dict[str, int] = {}
        self._changes = 0
        self._agent_run: AgentRun | None = None
        self._closed = False

    def observe(self, event: ThreadStreamEvent) -> None:
        """Bring the open items up to date with an event of the answer."""
        match event:
            case ThreadItemAddedEvent(item=item):
                self._open[item.id] = item.model_copy(deep=True)
                self._note_change(item.id)
            case ThreadItemUpdatedEvent(item_id=item_id) if item_id in self._open:
                _apply(self._open[item_id], event)
                self._note_change(item_id)
            case ThreadItemDoneEvent(item=item):
                self._open[item.id] = item
                self._note_change(item.id)
            case _:
                pass

    def release(self, event: ThreadStreamEvent) -> None:
        """Let go of what an event has brought to an end: the SDK has stored and streamed it."""
        match event:
            case ThreadItemDoneEvent(item=item):
                self._forget(item.id)
            case ThreadItemRemovedEvent(item_id=item_id):
                self._forget(item_id)
            case _:
                pass

    def follow(self, agent_run: AgentRun) -> None:
        """Have the items written by an agent's run, until it is to end."""
        self._agent_run = agent_run

    def halt(self) -> None:
        """See `Checkpoint`."""
        if self._agent_run:
            self._agent_run.halt()

    async def close(self) -> list[str]:
        """See `Checkpoint`. No step is left running; an empty message goes away."""
        events = await self._agent_run.settle() if self._agent_run else []
        for event in events:
            self.observe(event)
        completed = {event.item.id for event in events if isinstance(event, ThreadItemDoneEvent)}
        for item in [*self._open.values()]:
            if _is_empty(item):
                self._forget(item.id)
                events.append(ThreadItemRemovedEvent(item_id=item.id))
                continue
            if isinstance(item, WorkflowItem):
                _end_steps(item)
            if item.id not in completed:
                events.append(ThreadItemDoneEvent(item=item))
            self._note_change(item.id)
        self._closed = True
        # As the SDK serialises its events.
        return [event.model_dump_json(by_alias=True, exclude_none=True) for event in events]

    async def save(self, connection: Connection) -> None:
        """See `Checkpoint`. What is open is written as a draft: never over an item that is done."""
        self._sent = dict(self._unsaved)
        for item_id in self._sent:
            await self._save(connection, item_id)

    def confirm(self) -> None:
        """See `Checkpoint`."""
        for item_id, change in self._sent.items():
            if self._unsaved.get(item_id) == change:
                del self._unsaved[item_id]

    async def _save(self, connection: Connection, item_id: str) -> None:
        item = self._open.get(item_id)
        if item and not _is_empty(item):
            await append_item(
                connection,
                self._user_id,
                self._thread_id,
                item,
                draft=not self._closed,
                run_id=self._run_id,
            )

    def usage(self) -> tuple[int, int]:
        """See `Checkpoint`."""
        return self._agent_run.usage() if self._agent_run else (0, 0)

    def _note_change(self, item_id: str) -> None:
        self._changes += 1
        self._unsaved[item_id] = self._changes

    def _forget(self, item_id: str) -> None:
        self._open.pop(item_id, None)
        self._unsaved.pop(item_id, None)


def _end_steps(item: WorkflowItem) -> None:
    for step in item.workflow.tasks:
        if step.status_indicator == "loading":
            step.status_indicator = "none"
    item.workflow.expanded = False


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
