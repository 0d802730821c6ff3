"""Follows a run from any process, by its event log in Postgres."""

import asyncio
from collections.abc import AsyncIterator

from psycopg.rows import DictRow

from taskchat.database import Database, fetch_all, load_queries, with_retries
from taskchat.errors import NotFoundError
from taskchat.runs.ending import lose_expired_run
from taskchat.runs.models import LEASE_SECONDS
from taskchat.runs.replay import rebuild_events

_queries = load_queries("runs")

POLL_SECONDS = 0.25
"""How often a follower reads the log of a run in another process."""

FOLLOW_SECONDS = 3.0
"""How long a run counts as followed after a follower last recorded that it reads the log.

See `Heartbeats`.
"""


async def follow_log(database: Database, run_id: str, user_id: str) -> AsyncIterator[str]:
    """All events of the run as JSON texts, as they are logged.

    Replays a run that has ended. If the database is unavailable, waits as long as the run itself
    would. Raises `NotFoundError`.
    """
    place = 0

    async def read() -> tuple[list[str], bool]:
        return await _read(database, run_id, user_id, place)

    while True:
        events, ended = await with_retries(read, LEASE_SECONDS)
        place += len(events)
        for event in events:
            yield event
        if ended:
            return
        await asyncio.sleep(POLL_SECONDS)


async def _read(
    database: Database, run_id: str, user_id: str, place: int
) -> tuple[list[str], bool]:
    """The events from a seq on, and whether they are the last ones."""
    rows = await _load(database, run_id, user_id, place)
    if rows[0]["expired"]:
        async with database.transaction() as connection:
            await lose_expired_run(connection, user_id, rows[0]["thread_id"])
        rows = await _load(database, run_id, user_id, place)
    ended = rows[0]["status"] != "running"
    if ended and rows[0]["trimmed"]:
        if place:
            return [], True
        async with database.transaction() as connection:
            return await rebuild_events(connection, run_id, user_id), True
    events = [event for row in rows if row["events"] for event in row["events"].split("\n")]
    return events, ended


async def _load(database: Database, run_id: str, user_id: str, place: int) -> list[DictRow]:
    parameters = {
        "id": run_id,
        "user_id": user_id,
        "place": place,
        "follow_seconds": FOLLOW_SECONDS,
    }
    async with database.autocommit() as connection:
        rows = await fetch_all(connection, _queries.load_events, parameters)
    if not rows:
        raise NotFoundError("There is no such answer.")
    return rows
