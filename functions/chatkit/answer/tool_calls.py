"""Executes tool calls: visible from the start, with a time limit, each only once.

One transaction stores a call's change to the tasks, its row in the ledger, and the hidden item that
tells the model about it in later answers. Either all of a call is stored, or nothing.
"""

import asyncio
import json
import logging
import time
from dataclasses import dataclass, replace
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext
from chatkit.types import HiddenContextItem
from chatkit.widgets import DynamicWidgetRoot

from functions.chatkit.answer.agent_context import AnswerContext
from functions.chatkit.answer.answer import Answer
from functions.chatkit.answer.safeguards import TOO_MANY_CALLS
from functions.chatkit.tools import DELETE_TASK, TOOLS, Tool, ToolCall, ToolOutcome, show_question
from taskchat.clock import utc_now
from taskchat.database import Connection, Database, with_retries
from taskchat.errors import DatabaseUnavailableError, TaskchatError
from taskchat.identifiers import new_id
from taskchat.limits import require_task_count
from taskchat.log_context import bind_log_fields
from taskchat.metrics import Metric
from taskchat.metrics import record as record_metrics
from taskchat.runs.ledger import ToolCallRecord, ToolCallResult, find_tool_call, record_tool_call
from taskchat.runs.service import is_stopped
from taskchat.settings import LimitSettings
from taskchat.tasks import Origin, ask_to_delete, validate
from taskchat.threads.items import append_item
from taskchat.tools import TaskReference

logger = logging.getLogger(__name__)

FAILED = "The tool failed for an unexpected reason."
STOPPED = "The person stopped the answer. Do not call any more tools."
DONE_BEFORE = "Was done before, and not again"


def function_tools(
    database: Database, limits: LimitSettings, timeout_seconds: float
) -> list[FunctionTool]:
    """The assistant's tools in the form that openai-agents expects."""
    return [_function_tool(tool, database, limits, timeout_seconds) for tool in TOOLS]


def _function_tool(
    tool: Tool, database: Database, limits: LimitSettings, timeout_seconds: float
) -> FunctionTool:
    async def invoke(context: ToolContext[AnswerContext], arguments: str) -> str:
        call_id = context.tool_call_id
        # Decided here, in the order of the calls: from here on they run concurrently.
        asks = tool is DELETE_TASK and not context.context.answer.safeguards.may_delete(call_id)
        call = _Call(tool, context, arguments, database, limits, timeout_seconds, asks)
        if not context.context.answer.safeguards.may_call(context.tool_call_id):
            return json.dumps({"error": TOO_MANY_CALLS})
        return await context.context.see_through(call.invoke())

    return FunctionTool(
        name=tool.name,
        description=tool.description,
        params_json_schema=tool.json_schema,
        on_invoke_tool=invoke,
        strict_json_schema=False,
    )


@dataclass(frozen=True)
class _Call:
    """One call of a tool, with everything that the person sees of it."""

    tool: Tool
    context: ToolContext[AnswerContext]
    arguments: str
    database: Database
    limits: LimitSettings
    timeout_seconds: float
    asks: bool

    @property
    def _answer(self) -> Answer:
        return self.context.context.answer

    async def invoke(self) -> str:
        """Execute the call, and show its progress and result. Returns its output as JSON."""
        shown, tool = self.context.context, self.tool
        bind_log_fields(tool_call_id=self.context.tool_call_id)
        step = await shown.start_step(tool)
        began_at = time.perf_counter()
        outcome = _failure(FAILED)
        try:
            outcome = await self._execute_in_time()
        finally:
            duration = (time.perf_counter() - began_at) * 1000
            metrics = {Metric.TOOL_DURATION: duration, Metric.TOOL_FAILED: outcome.failed}
            record_metrics(metrics, tool=tool.name)
            logger.info("%s %s", tool.name, "failed" if outcome.failed else "done")
            await shown.end_step(step, tool, outcome)
        if outcome.widget:
            shown.show(step, outcome.widget, outcome.widget_id)
        if outcome.choice:
            shown.put(outcome.choice)
        if outcome.changed:
            await shown.tell_tasks_changed()
        output = json.dumps(outcome.result, ensure_ascii=False)
        self._answer.safeguards.count_output(output)
        return output

    async def _execute_in_time(self) -> ToolOutcome:
        """The call's outcome. Raises `DatabaseUnavailableError` if the outcome is unknown."""
        broken: DatabaseUnavailableError | None = None

        async def attempt() -> ToolOutcome:
            nonlocal broken
            try:
                return await self._execute()
            except DatabaseUnavailableError as error:
                broken = error
                raise

        try:
            async with asyncio.timeout(self.timeout_seconds):
                # If the connection breaks during the commit, the ledger has the outcome.
                return await with_retries(attempt, self.timeout_seconds / 2)
        except (TimeoutError, DatabaseUnavailableError):
            if broken:
                # Nobody knows whether the call was committed, so the model must not be told either
                # way. The answer ends here.
                raise broken from None
            seconds = f"{self.timeout_seconds:g} s"
            return _failure(f"{self.tool.name} took longer than {seconds} and was given up.")
        except TaskchatError as error:
            return _failure(str(error))
        except Exception:
            logger.exception("the tool %s failed", self.tool.name)
            return _failure(FAILED)

    async def _execute(self) -> ToolOutcome:
        answer = self._answer
        async with self.database.transaction() as connection:
            if await is_stopped(connection, answer.run_id, answer.user_id):
                return _failure(STOPPED)
            arguments = _parse(self.arguments)
            if arguments is None:
                return _failure("The arguments are not a JSON object.")
            record = ToolCallRecord(
                run_id=answer.run_id,
                call_id=self.context.tool_call_id,
                user_id=answer.user_id,
                name=self.tool.name,
                arguments=arguments,
            )
            if earlier := await find_tool_call(connection, record):
                return _kept(earlier)
            outcome = await self._run(connection, arguments)
            outcome = replace(outcome, result=answer.safeguards.bounded(outcome.result))
            result = ToolCallResult(
                result=outcome.result,
                widget=outcome.widget.model_dump() if outcome.widget else None,
                failed=outcome.failed,
            )
            async with connection.committing():
                await record_tool_call(connection, record, result)
                # Items from before the call must come before it in the thread.
                written = await answer.write(connection)
                await self._remember(connection, outcome)
        answer.written(written)
        return outcome

    async def _run(self, connection: Connection, arguments: dict[str, Any]) -> ToolOutcome:
        """Run the tool. An error that it raises rolls its changes back and becomes the outcome."""
        answer = self._answer
        call_id = self.context.tool_call_id
        call = ToolCall(
            connection=connection,
            user_id=answer.user_id,
            thread_id=answer.thread_id,
            timezone=answer.context.timezone,
            origin=Origin(run_id=answer.run_id, call_id=call_id),
        )
        try:
            async with connection.savepoint():
                if self.asks:
                    return await self._ask_to_delete(call, arguments)
                outcome = await self.tool.run(call, arguments)
                if self.tool.definition.adds:
                    await require_task_count(connection, answer.user_id, self.limits)
                return outcome
        except DatabaseUnavailableError:
            raise
        except TaskchatError as error:
            return _failure(str(error))

    async def _ask_to_delete(self, call: ToolCall, arguments: dict[str, Any]) -> ToolOutcome:
        """Ask the person to confirm. One card asks for all such deletions of this answer."""
        task = validate(TaskReference, arguments, call.timezone)
        confirmation = await ask_to_delete(
            call.connection,
            call.user_id,
            self._answer.thread_id,
            self._answer.safeguards.confirmation_id,
            task.task_id,
        )
        return show_question(call, confirmation)

    async def _remember(self, connection: Connection, outcome: ToolOutcome) -> None:
        """Store the call and its output in a hidden item, for the model's next answer."""
        answer, call = self._answer, self.context.tool_call
        item = HiddenContextItem(
            id=new_id("tc"),
            thread_id=answer.thread_id,
            created_at=utc_now(),
            content={
                "type": "tool_call",
                "call": call.model_dump(mode="json", exclude_none=True) if call else {},
                "output": json.dumps(outcome.result, ensure_ascii=False),
            },
        )
        await append_item(connection, answer.user_id, answer.thread_id, item)


def _failure(problem: str) -> ToolOutcome:
    return ToolOutcome(result={"error": problem}, summary=problem, done="", count=0)


def _kept(earlier: ToolCallResult) -> ToolOutcome:
    """The outcome of a call that was already made."""
    widget = earlier.widget
    return ToolOutcome(
        result=earlier.result,
        summary=DONE_BEFORE,
        done="Kept",
        widget=DynamicWidgetRoot.model_validate(widget) if widget else None,
        changed=True,
    )


def _parse(arguments: str) -> dict[str, Any] | None:
    try:
        parsed = json.loads(arguments or "{}")
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None
