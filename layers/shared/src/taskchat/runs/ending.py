"""How runs end: by the process that made them, or found lost once it died.

Either way it is one transaction, after which no item of the answer is open, what a retry had set
aside is settled, the model will be told of an answer that was cut off, and the log is complete.
"""

from typing import Any

from taskchat.database import Connection, fetch_one, load_queries
from taskchat.limits import count_tokens
from taskchat.metrics import Metric, record
from taskchat.runs.event_log import Batch, log_at_end, log_batch
from taskchat.runs.events import error_event, item_done_event
from taskchat.runs.models import Outcome
from taskchat.runs.words import CUT_OFF_NOTE, LOST
from taskchat.threads import repository
from taskchat.threads.retries import settle_retry

_queries = load_queries("runs")


async def take_run(connection: Connection, run_id: str, user_id: str) -> str | None:
    """Hold the caller's own run for its end, once its tool calls in progress are done.

    Returns its thread's id; None where someone else has ended it.
    """
    parameters = {"id": run_id, "user_id": user_id}
    row = await fetch_one(connection, _queries.lock_running_run, parameters)
    return row["thread_id"] if row else None


async def end_run(
    connection: Connection,
    run_id: str,
    user_id: str,
    thread_id: str,
    outcome: Outcome,
    *,
    rest: list[Batch],
) -> None:
    """Close a run that `take_run` holds, with the rest of what it said.

    It reads nothing, so that all of it can be sent at once.
    """
    for batch in rest:
        await log_batch(connection, run_id, batch)
    await connection.execute(
        _queries.end_run,
        {
            "id": run_id,
            "user_id": user_id,
            "status": outcome.status,
            "error": outcome.error,
            "input_tokens": outcome.input_tokens,
            "output_tokens": outcome.output_tokens,
        },
    )
    completed = outcome.status == "completed"
    await settle_retry(connection, run_id, keep_new=completed)
    if not completed:
        await repository.append_note(connection, user_id, thread_id, CUT_OFF_NOTE)
    await count_tokens(connection, user_id, outcome.input_tokens + outcome.output_tokens)


async def lose_expired_run(connection: Connection, user_id: str, thread_id: str) -> bool:
    """End the thread's run if its lease ran out; whether there was one."""
    if not thread_id.isprintable():
        return False  # Postgres would refuse it rather than not find it
    parameters = {"thread_id": thread_id, "user_id": user_id}
    row = await fetch_one(connection, _queries.lock_expired_run, parameters)
    if row is None:
        return False
    await _lose(connection, row)
    return True


async def lose_any_expired_run(connection: Connection) -> bool:
    """End one of all runs whose lease ran out, but for those that others end; False if none."""
    row = await fetch_one(connection, _queries.lock_any_expired_run)
    if row is None:
        return False
    await _lose(connection, row)
    return True


async def _lose(connection: Connection, run: dict[str, Any]) -> None:
    thread = (run["user_id"], run["thread_id"])
    await connection.execute(_queries.mark_lost, {"id": run["id"], "error": LOST})
    record({Metric.RUN_LOST: 1})
    rows = await repository.close_open_items(connection, *thread)
    await settle_retry(connection, run["id"], keep_new=False)
    await repository.append_note(connection, *thread, CUT_OFF_NOTE)
    closed = [item_done_event(row) for row in rows]
    await log_at_end(connection, run["id"], [*closed, error_event(LOST)])
