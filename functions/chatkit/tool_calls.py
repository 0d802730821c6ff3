"""Executes the tools: visible from the start, bounded in time, each call once.

A call, its change to the tasks, its row in `tool_calls` and what the next turn must remember of it
are one transaction. Nothing of a call exists, or all of it does.
"""

import asyncio
import json
import logging
import time
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext
from chatkit.types import HiddenContextItem
from chatkit.widgets import DynamicWidgetRoot

from functions.chatkit.tools import TOOLS, Tool, ToolCall, ToolOutcome
from functions.chatkit.turn import Turn
from taskchat.clock import utc_now
from taskchat.database import Connection, with_retries
from taskchat.errors import DatabaseUnavailableError, TaskchatError
from taskchat.identifiers import new_id
from taskchat.log_context import bind_log_fields
from taskchat.metrics import Metric, record
from taskchat.runs.ledger import ToolCallRecord, ToolCallResult, find_tool_call, record_tool_call
from taskchat.runs.service import is_stopped
from taskchat.tasks import Origin
from taskchat.threads import append_item

logger = logging.getLogger(__name__)

FAILED = "The tool failed for an unexpected reason."
STOPPED = "The person stopped the answer. Do not call any more tools."
DONE_BEFORE = "Was done before, and not again"


def function_tools(timeout_seconds: float) -> list[FunctionTool]:
    """The assistant's tools as openai-agents takes them."""
    return [_function_tool(tool, timeout_seconds) for tool in TOOLS]


def _function_tool(tool: Tool, timeout_seconds: float) -> FunctionTool:
    async def invoke(context: ToolContext[Turn], arguments: str) -> str:
        call = _invoke(tool, context, arguments, timeout_seconds)
        outcome = await context.context.see_through(call)
        return json.dumps(outcome.result, ensure_ascii=False)

    return FunctionTool(
        name=tool.name,
        description=tool.description,
        params_json_schema=tool.json_schema,
        on_invoke_tool=invoke,
        strict_json_schema=False,
    )


async def _invoke(
    tool: Tool, context: ToolContext[Turn], arguments: str, timeout_seconds: float
) -> ToolOutcome:
    turn = context.context
    bind_log_fields(tool_call_id=context.tool_call_id)
    step = await turn.start_step(tool)
    began_at = time.perf_counter()
    outcome = _failure(FAILED)
    broken: DatabaseUnavailableError | None = None

    async def attempt() -> ToolOutcome:
        nonlocal broken
        try:
            return await _execute(tool, context, arguments)
        except DatabaseUnavailableError as error:
            broken = error
            raise

    try:
        async with asyncio.timeout(timeout_seconds):
            # Where the connection breaks during the commit, the ledger knows what came of it.
            outcome = await with_retries(attempt, timeout_seconds / 2)
    except (TimeoutError, DatabaseUnavailableError):
        if broken:
            # Done or not done: the model must not be told either. The answer ends here.
            raise broken from None
        outcome = _failure(f"{tool.name} took longer than {timeout_seconds:g} s and was given up.")
    except TaskchatError as error:
        outcome = _failure(str(error))
    except Exception:
        logger.exception("the tool %s failed", tool.name)
    finally:
        failed = "error" in outcome.result
        duration = (time.perf_counter() - began_at) * 1000
        record({Metric.TOOL_DURATION: duration, Metric.TOOL_FAILED: failed}, tool=tool.name)
        logger.info("%s %s", tool.name, "failed" if failed else "done")
        await turn.end_step(step, tool, outcome)
    if outcome.widget:
        turn.show(step, outcome.widget)
    if outcome.changed:
        await turn.tell_tasks_changed()
    return outcome


def _failure(problem: str) -> ToolOutcome:
    return ToolOutcome(result={"error": problem}, summary=problem, done="", count=0)


async def _execute(tool: Tool, context: ToolContext[Turn], arguments_json: str) -> ToolOutcome:
    turn = context.context
    user_id = turn.request_context.user.id
    async with turn.database.transaction() as connection:
        if await is_stopped(connection, turn.run_id, user_id):
            return _failure(STOPPED)
        arguments = _parse(arguments_json)
        if arguments is None:
            return _failure("The arguments are not a JSON object.")
        call = ToolCall(
            connection=connection,
            user_id=user_id,
            thread_id=turn.thread.id,
            timezone=turn.request_context.timezone,
            origin=Origin(run_id=turn.run_id, call_id=context.tool_call_id),
        )
        call_record = ToolCallRecord(
            run_id=turn.run_id,
            call_id=context.tool_call_id,
            user_id=user_id,
            name=tool.name,
            arguments=arguments,
        )
        record = await find_tool_call(connection, call_record)
        if record:
            return ToolOutcome(
                result=record.result,
                summary=DONE_BEFORE,
                done="Kept",
                widget=DynamicWidgetRoot.model_validate(record.widget) if record.widget else None,
                changed=True,
            )
        outcome = await _run(tool, call, arguments)
        record = ToolCallResult(
            result=outcome.result,
            widget=outcome.widget.model_dump() if outcome.widget else None,
            failed=outcome.failed,
        )
        await record_tool_call(connection, call_record, record)
        await _remember(connection, context, outcome)
    return outcome


def _parse(arguments: str) -> dict[str, Any] | None:
    try:
        parsed = json.loads(arguments or "{}")
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


async def _run(tool: Tool, call: ToolCall, arguments: dict[str, Any]) -> ToolOutcome:
    """Run the tool; where it refuses, its own changes are undone and the refusal is the outcome."""
    try:
        async with call.connection.transaction():
            return await tool.run(call, arguments)
    except DatabaseUnavailableError:
        raise
    except TaskchatError as error:
        return _failure(str(error))


async def _remember(
    connection: Connection, context: ToolContext[Turn], outcome: ToolOutcome
) -> None:
    """Keep call and output for the model's next turn, as an item that the person never sees."""
    turn = context.context
    call = context.tool_call
    item = HiddenContextItem(
        id=new_id("tc"),
        thread_id=turn.thread.id,
        created_at=utc_now(),
        content={
            "type": "tool_call",
            "call": call.model_dump(mode="json", exclude_none=True) if call else {},
            "output": json.dumps(outcome.result, ensure_ascii=False),
        },
    )
    await append_item(connection, turn.request_context.user.id, turn.thread.id, item)
