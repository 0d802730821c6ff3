"""Reading along with a run from anywhere: its log in Postgres is all that it takes."""

import asyncio
import json
from collections.abc import AsyncIterator

from taskchat.database import Database, load_queries
from taskchat.errors import NotFoundError

_queries = load_queries("runs")

POLL_SECONDS = 0.25
"""How often the log of a run in another process is read."""

LOST = "The answer was interrupted. What was written is kept; please try again."


async def follow_log(database: Database, run_id: str, user_id: str) -> AsyncIterator[str]:
    """Every event of the run from the first to the last, as JSON texts, as they are logged.

    A run that has ended is replayed. Raises `NotFoundError`.
    """
    place = 0
    while True:
        async with database.transaction() as connection:
            rows = await (
                await connection.execute(
                    _queries.load_events, {"id": run_id, "user_id": user_id, "after": place}
                )
            ).fetchall()
        if not rows:
            raise NotFoundError("There is no such answer.")
        for row in rows:
            if row["events"] is not None:
                events = row["events"].split("\n")
                place = row["seq"] + len(events)
                for event in events:
                    yield event
        if rows[-1]["status"] == "lost" or rows[-1]["expired"]:
            yield json.dumps(
                {"type": "error", "code": "custom", "message": LOST, "allow_retry": True}
            )
        if rows[-1]["status"] != "running" or rows[-1]["expired"]:
            return
        await asyncio.sleep(POLL_SECONDS)
