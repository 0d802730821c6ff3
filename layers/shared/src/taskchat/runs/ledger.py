"""The ledger of tool calls: the reason a tool never runs twice."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from taskchat.clock import utc_now
from taskchat.database import Connection, load_queries

_queries = load_queries("tool_calls")


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One call of a tool by one run; `arguments` as the model gave them."""

    run_id: str
    call_id: str
    user_id: str
    name: str
    arguments: dict[str, Any]
    started_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, kw_only=True)
class ExecutionRecord:
    """What a call came to: `result` for the model, `widget` for the person."""

    result: dict[str, Any]
    widget: dict[str, Any] | None
    failed: bool


async def find_execution(connection: Connection, execution: Execution) -> ExecutionRecord | None:
    """What was recorded, where this call was made before; None where it is to be made now.

    Before means: by this run, or by an earlier one that answered the same message with a call of
    the same arguments, whose change still stands.
    """
    parameters = _parameters(execution)
    for query in (_queries.find_execution, _queries.take_over_execution):
        row = await (await connection.execute(query, parameters)).fetchone()
        if row:
            return ExecutionRecord(**row)
    return None


async def record_execution(
    connection: Connection, execution: Execution, record: ExecutionRecord
) -> None:
    """Record what the call came to, in the transaction that made its change."""
    await connection.execute(
        _queries.insert_execution,
        {
            **_parameters(execution),
            "status": "failed" if record.failed else "completed",
            "result": Jsonb(record.result),
            "widget": None if record.widget is None else Jsonb(record.widget),
            "started_at": execution.started_at,
        },
    )


def _parameters(execution: Execution) -> dict[str, Any]:
    return {
        "run_id": execution.run_id,
        "call_id": execution.call_id,
        "user_id": execution.user_id,
        "name": execution.name,
        "arguments": Jsonb(execution.arguments),
    }
