"""Scheduled maintenance of the database. Runs may overlap, and may stop at any point."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from taskchat.attachments.deletion import delete_files
from taskchat.attachments.storage import FileStorage
from taskchat.database import Connection, Database, fetch_one, load_queries
from taskchat.runs.ending import lose_any_expired_run
from taskchat.settings import RetentionSettings

_queries = load_queries("maintenance")

BATCH = 1_000
"""Rows per transaction, so that none holds locks for long."""

LOGS_KEPT = timedelta(days=1)
CLICKS_KEPT = timedelta(days=1)
COUNTS_KEPT = timedelta(days=2)
UNDO_KEPT = timedelta(days=30)
UNSENT_KEPT = timedelta(hours=1)
ERASURES_KEPT = timedelta(days=1)

THREADS_AT_ONCE = 50
"""Threads per transaction: fewer, because a thread's items are deleted with it."""

type Step = Callable[[Connection], Awaitable[int]]


async def maintain(
    database: Database,
    retention: RetentionSettings,
    *,
    seconds: float,
    files: FileStorage | None = None,
) -> dict[str, int]:
    """End lost runs, delete expired rows, and the files of those. Returns the number of each.

    Begins no further batch after `seconds`; the next run continues.
    """
    clock = asyncio.get_running_loop()
    end = clock.time() + seconds
    steps = {**_STEPS, **_thread_step(retention), **_file_step(files)}
    counts = dict.fromkeys(steps, 0)
    for name, step in steps.items():
        done = 1
        while done and clock.time() < end:
            async with database.transaction() as connection:
                done = await step(connection)
            counts[name] += done
    return counts


async def _end_lost_run(connection: Connection) -> int:
    return int(await lose_any_expired_run(connection))


def _thread_step(retention: RetentionSettings) -> dict[str, Step]:
    if not retention.threads_kept_days:
        return {}
    kept = timedelta(days=retention.threads_kept_days)
    return {"threads": _delete("delete_threads", kept, at_once=THREADS_AT_ONCE)}


def _file_step(files: FileStorage | None) -> dict[str, Step]:
    """Last, since the steps before leave files to delete."""
    return {"files": lambda connection: delete_files(connection, files)} if files else {}


def _delete(query: str, kept: timedelta, *, at_once: int = BATCH) -> Step:
    parameters = {"age": kept.total_seconds(), "limit": at_once}

    async def step(connection: Connection) -> int:
        statement = getattr(_queries, query)
        row = await fetch_one(connection, statement, parameters)
        return int(row["count"]) if row else 0

    return step


_STEPS: dict[str, Step] = {
    "lost_runs": _end_lost_run,
    "logs": _delete("trim_logs", LOGS_KEPT),
    "clicks": _delete("delete_clicks", CLICKS_KEPT),
    "message_counts": _delete("delete_counts", COUNTS_KEPT),
    "token_totals": _delete("delete_token_totals", COUNTS_KEPT),
    "erasures": _delete("delete_erasures", ERASURES_KEPT),
    "unsent_attachments": _delete("delete_unsent_attachments", UNSENT_KEPT),
    "confirmations": _delete("delete_confirmations", UNDO_KEPT),
    "changes": _delete("delete_changes", UNDO_KEPT),
}
