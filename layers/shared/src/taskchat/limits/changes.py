"""How fast a person may change tasks, by REST and by buttons, and how many they may have."""

import math

from taskchat.database import Connection, fetch_one, load_queries
from taskchat.errors import TooManyChangesError, TooManyTasksError
from taskchat.settings import LimitSettings

_queries = load_queries("limits")

MOST_CHANGES = 1_000
"""How many of a person's changes can be undone, however fast they come."""
MOST_CLICKS = 1_000
"""How many keys of buttons are remembered; a click under a forgotten one changes nothing twice."""
MOST_BYTES = 50_000_000
"""What either may take in the database."""


async def count_change(connection: Connection, user_id: str, settings: LimitSettings) -> None:
    """Count one write, before it is made and in its transaction.

    Raises `TooManyChangesError`. Whoever is not recorded has nothing to change, and is not counted.
    """
    parameters = {"user_id": user_id}
    row = await fetch_one(connection, _queries.count_change, parameters)
    if row is None:
        return
    if row["count"] > settings.changes_per_minute:
        retry_after = max(1, math.ceil(row["seconds_left"]))
        raise TooManyChangesError(
            f"You can make {settings.changes_per_minute} changes per minute. "
            f"You can go on in {retry_after} s.",
            resets_at=row["resets_at"],
            retry_after=retry_after,
        )
    if row["count"] == 1:
        # Once a minute, so that what is kept can never be much more than what is meant to be.
        kept = {**parameters, "bytes": MOST_BYTES}
        await connection.execute(_queries.trim_changes, {**kept, "most": MOST_CHANGES})
        await connection.execute(_queries.trim_clicks, {**kept, "most": MOST_CLICKS})


async def require_task_count(connection: Connection, user_id: str, settings: LimitSettings) -> None:
    """Refuse what was added to the person's tasks in this transaction, if they are too many now.

    Called after the addition, so that it holds for one task, for many and for those that Undo
    brings back. Raises `TooManyTasksError`, which rolls the transaction back.
    """
    await connection.execute(_queries.lock_person, {"user_id": user_id})
    parameters = {"user_id": user_id, "most": settings.tasks_per_person}
    row = await fetch_one(connection, _queries.count_tasks, parameters)
    if row is None or row["count"] > settings.tasks_per_person:
        raise TooManyTasksError(
            f"You can have {settings.tasks_per_person:,} tasks. Delete some to make room."
        )
