"""The SDK's context for an agent run, which shows the tools' steps and widgets in order."""

import asyncio
from collections.abc import Coroutine
from typing import Any, override

from agents import Agent, RunContextWrapper, RunHooks, TResponseInputItem
from chatkit.agents import AgentContext
from chatkit.types import (
    CustomSummary,
    CustomTask,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    WidgetItem,
    Workflow,
    WorkflowItem,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)
from pydantic import PrivateAttr, SkipValidation

from functions.chatkit.answer.answer import Answer
from functions.chatkit.answer.questions import ask
from functions.chatkit.effects import tasks_changed
from functions.chatkit.formatting import steps_in_words
from functions.chatkit.tools import Choice, Tool, ToolOutcome
from functions.chatkit.widgets import Widget
from taskchat.clock import utc_now
from taskchat.context import RequestContext
from taskchat.identifiers import new_id
from taskchat.runs.time_budget import SETTLE_SECONDS

FAILED_ICON = "info"


class AnswerContext(AgentContext[RequestContext]):
    """The SDK's context for an agent run, with the steps and widgets of its tool calls.

    The tool calls of one model response run concurrently and share one workflow item. Their
    widgets are sent after all of the calls have ended, so that nothing comes between the steps.
    """

    answer: SkipValidation[Answer]
    _workflow: WorkflowItem | None = PrivateAttr(default=None)
    _outcomes: list[ToolOutcome] = PrivateAttr(default_factory=list)
    _widgets: dict[str, tuple[int, Widget]] = PrivateAttr(default_factory=dict)
    _shown: set[str] = PrivateAttr(default_factory=set)
    _choice: Choice | None = PrivateAttr(default=None)
    asked: bool = False
    _calls: set[asyncio.Task[Any]] = PrivateAttr(default_factory=set)
    _unseen: dict[int, ThreadStreamEvent] = PrivateAttr(default_factory=dict)

    @override
    async def stream(self, event: ThreadStreamEvent) -> None:
        """See `AgentContext`. Keeps the event: the SDK's queue may lose it if its reader stops."""
        self._unseen[id(event)] = event
        await super().stream(event)

    def release(self, event: ThreadStreamEvent) -> None:
        """Forget an event that `stream` has kept, now that it has been stored and streamed."""
        self._unseen.pop(id(event), None)

    async def see_through[T](self, call: Coroutine[Any, Any, T]) -> T:
        """Run a tool call to its end, even if the answer is cut off meanwhile.

        This way the person sees what the tool did. If its transaction were cancelled, nobody would
        know whether it was committed.
        """
        task = asyncio.create_task(call)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return await asyncio.shield(task)

    async def settle(self) -> list[ThreadStreamEvent]:
        """Wait for the running tool calls to finish; cancel those that take too long.

        Returns the events that have not been streamed.
        """
        if self._calls:
            _, late = await asyncio.wait(self._calls, timeout=SETTLE_SECONDS)
            for call in late:
                call.cancel()
            if late:
                await asyncio.wait(late)
        await self.finish_steps()
        return [*self._unseen.values()]

    async def start_step(self, tool: Tool) -> int:
        """Show that a tool is running. Returns the index of its step."""
        step = CustomTask(title=tool.doing, icon=tool.icon, status_indicator="loading")
        if self._workflow is None:
            self._workflow = WorkflowItem(
                id=new_id("wf"),
                thread_id=self.thread.id,
                created_at=utc_now(),
                workflow=Workflow(type="custom", tasks=[step], expanded=True),
            )
            await self.stream(ThreadItemAddedEvent(item=self._workflow.model_copy(deep=True)))
            return 0
        steps = self._workflow.workflow.tasks
        steps.append(step)
        index = len(steps) - 1
        update = WorkflowTaskAdded(task=step.model_copy(), task_index=index)
        await self.stream(ThreadItemUpdatedEvent(item_id=self._workflow.id, update=update))
        return index

    async def end_step(self, index: int, tool: Tool, outcome: ToolOutcome) -> None:
        """Show how a tool ended."""
        if self._workflow is None:
            return
        self._outcomes.append(outcome)
        step = CustomTask(
            title=f"{tool.doing}: failed" if outcome.failed else tool.doing,
            icon=FAILED_ICON if outcome.failed else tool.icon,
            content=outcome.summary,
            status_indicator="complete",
        )
        self._workflow.workflow.tasks[index] = step
        update = WorkflowTaskUpdated(task=step.model_copy(), task_index=index)
        await self.stream(ThreadItemUpdatedEvent(item_id=self._workflow.id, update=update))

    async def tell_tasks_changed(self) -> None:
        """Tell the page that its list of tasks is out of date."""
        await self.stream(tasks_changed())

    def show(self, step: int, widget: Widget, item_id: str | None = None) -> None:
        """Show a call's widget after all calls have ended, in the order of the calls.

        If several calls share an item (`item_id`), it shows the last widget.
        """
        first_step, _ = self._widgets.get(item_id or "", (step, None))
        self._widgets[item_id or new_id("msg")] = (first_step, widget)

    def put(self, choice: Choice) -> None:
        """Ask the person a question after everything else. It ends the answer."""
        self._choice, self.asked = choice, True

    async def finish_steps(self) -> None:
        """Close the workflow, then send the widgets and the question that waited for it."""
        workflow, self._workflow = self._workflow, None
        outcomes, self._outcomes = self._outcomes, []
        if workflow:
            workflow.workflow.expanded = False
            workflow.workflow.summary = CustomSummary(title=steps_in_words(outcomes))
            await self.stream(ThreadItemDoneEvent(item=workflow))
        widgets, self._widgets = self._widgets, {}
        for item_id, (_, widget) in sorted(widgets.items(), key=lambda shown: shown[1][0]):
            item = WidgetItem(
                id=item_id, thread_id=self.thread.id, created_at=utc_now(), widget=widget
            )
            event = ThreadItemReplacedEvent if item_id in self._shown else ThreadItemDoneEvent
            self._shown.add(item_id)
            await self.stream(event(item=item))
        choice, self._choice = self._choice, None
        if choice:
            await self.stream(ThreadItemDoneEvent(item=ask(choice, self.thread.id)))


class EndSteps(RunHooks[AnswerContext]):
    """Closes the workflow before each call of the model: by then all tool calls have ended."""

    @override
    async def on_llm_start(
        self,
        context: RunContextWrapper[AnswerContext],
        agent: Agent[AnswerContext],
        system_prompt: str | None,
        input_items: list[TResponseInputItem],
    ) -> None:
        """See `RunHooks`."""
        await context.context.finish_steps()
