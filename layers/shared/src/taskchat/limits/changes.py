"""How fast a person may change tasks, by REST and by buttons, and how many tasks they may have."""

import math

from taskchat.database import Connection, fetch_one, load_queries
from taskchat.errors import TooManyChangesError, TooManyTasksError
from taskchat.settings import LimitSettings

_queries = load_queries("limits")

MOST_CHANGES = 1_000
"""How many of a person's changes are kept for Undo, however fast they are made."""
MOST_CLICKS = 1_000
"""How many of a person's clicks are remembered. Repeating a forgotten one is safe: it changes
nothing twice."""
MOST_BYTES = 50_000_000
"""How many bytes of a person's changes are kept, and as many of the responses to their clicks."""


async def count_change(connection: Connection, user_id: str, settings: LimitSettings) -> None:
    """Count one write, in its transaction and before it is made.

    Raises `TooManyChangesError`. Someone who is not recorded has nothing to change, and is not
    counted.
    """
    parameters = {"user_id": user_id}
    row = await fetch_one(connection, _queries.count_change, parameters)
    if row is None:
        return
    if row["count"] > settings.changes_per_minute:
        retry_after = max(1, math.ceil(row["seconds_left"]))
        raise TooManyChangesError(
            f"You can make {settings.changes_per_minute} changes per minute. "
            f"Try again in {retry_after} s.",
            resets_at=row["resets_at"],
            retry_after=retry_after,
        )
    if row["count"] == 1:
        # Trimming once a minute keeps the tables close to these bounds.
        kept = {**parameters, "bytes": MOST_BYTES}
        await connection.execute(_queries.trim_changes, {**kept, "most": MOST_CHANGES})
        await connection.execute(_queries.trim_clicks, {**kept, "most": MOST_CLICKS})


async def require_task_count(connection: Connection, user_id: str, settings: LimitSettings) -> None:
    """Raise `TooManyTasksError` if the person has too many tasks; this rolls back what was added.

    Call it after adding tasks: it then covers one task, many tasks, and tasks restored by Undo.
    """
    await connection.execute(_queries.lock_person, {"user_id": user_id})
    parameters = {"user_id": user_id, "most": settings.tasks_per_person}
    row = await fetch_one(connection, _queries.count_tasks, parameters)
    if row is None or row["count"] > settings.tasks_per_person:
        raise TooManyTasksError(
            f"You can have {settings.tasks_per_person:,} tasks. Delete some to make room."
        )
