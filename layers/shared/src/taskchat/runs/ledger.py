"""The ledger of tool calls: the reason a tool never runs twice."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from taskchat.clock import utc_now
from taskchat.database import Connection, fetch_one, load_queries

_queries = load_queries("tool_calls")


@dataclass(frozen=True, kw_only=True)
class ToolCallRecord:
    """One call of a tool by one run; `arguments` as the model gave them."""

    run_id: str
    call_id: str
    user_id: str
    name: str
    arguments: dict[str, Any]
    started_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, kw_only=True)
class ToolCallResult:
    """What a call came to: `result` for the model, `widget` for the person."""

    result: dict[str, Any]
    widget: dict[str, Any] | None
    failed: bool


async def find_tool_call(connection: Connection, call: ToolCallRecord) -> ToolCallResult | None:
    """What was recorded, where this call was made before; None where it is to be made now.

    Before means: by this run, or by an earlier one that answered the same message with a call of
    the same arguments, whose change still stands.
    """
    row = await fetch_one(connection, _queries.find_tool_call, _parameters(call))
    return ToolCallResult(**row) if row else None


async def record_tool_call(
    connection: Connection, call: ToolCallRecord, result: ToolCallResult
) -> None:
    """Record what the call came to, in the transaction that made its change."""
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
