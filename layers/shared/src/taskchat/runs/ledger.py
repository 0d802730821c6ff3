"""The ledger of tool calls, which prevents a call from being executed twice."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from taskchat.clock import utc_now
from taskchat.database import Connection, fetch_one, load_queries

_queries = load_queries("tool_calls")


@dataclass(frozen=True, kw_only=True)
class ToolCallRecord:
    """One call of a tool by one run, with the model's `arguments`."""

    run_id: str
    call_id: str
    user_id: str
    name: str
    arguments: dict[str, Any]
    started_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, kw_only=True)
class ToolCallResult:
    """The outcome of a call: `result` for the model, `widget` for the person."""

    result: dict[str, Any]
    widget: dict[str, Any] | None
    failed: bool


async def find_tool_call(connection: Connection, call: ToolCallRecord) -> ToolCallResult | None:
    """The recorded result if this call was made before, or None if it must be made now.

    An identical call of an earlier run that answered the same message counts, too, unless its
    change was undone. Its row then moves to this run.
    """
    row = await fetch_one(connection, _queries.find_tool_call, _parameters(call))
    return ToolCallResult(**row) if row else None


async def record_tool_call(
    connection: Connection, call: ToolCallRecord, result: ToolCallResult
) -> None:
    """Record the call's outcome, in the same transaction as its change."""
    await connection.execute(
        _queries.insert_tool_call,
        {
            **_parameters(call),
            "status": "failed" if result.failed else "completed",
            "result": Jsonb(result.result),
            "widget": None if result.widget is None else Jsonb(result.widget),
            "started_at": call.started_at,
        },
    )


def _parameters(call: ToolCallRecord) -> dict[str, Any]:
    return {
        "run_id": call.run_id,
        "call_id": call.call_id,
        "user_id": call.user_id,
        "name": call.name,
        "arguments": Jsonb(call.arguments),
    }
