"""Ends runs: in the process that makes them or, if that died, in one that marks them as lost.

Either way it is one transaction. Afterwards, no item of the answer is open, the items that a retry
had set aside are deleted or restored, and the event log is complete. If the answer was cut off,
a note tells the model.
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
    """Lock the caller's own run in order to end it. Waits for its tool calls in progress.

    Returns the id of the run's thread, or None if someone else has ended the run.
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
    """End a run that `take_run` has locked, and log the rest of its events.

    Does not wait for query results, so that all statements can be sent in one round trip.
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
    """Mark the thread's run as lost if its lease has expired. Returns whether there was one."""
    if not thread_id.isprintable():
        return False  # Postgres would raise an error for a NUL instead of finding nothing
    parameters = {"thread_id": thread_id, "user_id": user_id}
    row = await fetch_one(connection, _queries.lock_expired_run, parameters)
    if row is None:
        return False
    await _lose(connection, row)
    return True


async def lose_any_expired_run(connection: Connection) -> bool:
    """Mark one run with an expired lease as lost. False if there is none.

    Skips runs that another process is ending.
    """
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
