"""How many answers a person may have at once, and how much of the model they may use in a day."""

import math
from typing import Any

from taskchat.database import Connection, fetch_all, load_queries
from taskchat.errors import OutOfTokensError, TooManyAtOnceError
from taskchat.settings import LimitSettings

_queries = load_queries("limits")


async def require_room_for_run(
    connection: Connection, user_id: str, settings: LimitSettings
) -> None:
    """Raise `TooManyAtOnceError` where the person has as many answers in the making as allowed.

    The run is to be recorded in the same transaction: others wait for it until then.
    """
    await connection.execute(_queries.lock_person, {"user_id": user_id})
    running = await _read(connection, "count_running", user_id)
    if running["count"] >= settings.runs_per_person:
        raise TooManyAtOnceError(
            f"The assistant is already answering in {settings.runs_per_person} of your "
            "conversations. Try again when one of them is done."
        )


async def require_tokens(connection: Connection, user_id: str, settings: LimitSettings) -> None:
    """Raise `OutOfTokensError` where the day's tokens are used up, by the person or by all.

    A run that has begun ends all the same, so that the last one may go beyond the limit.
    """
    if not (settings.tokens_per_day or settings.tokens_per_day_for_all):
        return
    used = await _read(connection, "get_tokens", user_id)
    if 0 < settings.tokens_per_day <= used["by_person"]:
        reason = "You have used up what the assistant can do for you today."
    elif 0 < settings.tokens_per_day_for_all <= used["by_all"]:
        reason = "What the assistant can do today is used up."
    else:
        return
    raise OutOfTokensError(
        f"{reason} You can go on after midnight UTC; your tasks are there as ever.",
        resets_at=used["resets_at"],
        retry_after=max(1, math.ceil(used["seconds_left"])),
    )


async def count_tokens(connection: Connection, user_id: str, tokens: int) -> None:
    """Count what a run has used of the model; the last thing in the transaction that ends it."""
    if tokens <= 0:
        return
    parameters = {"user_id": user_id, "tokens": tokens}
    await connection.execute(_queries.count_tokens, parameters)
    await connection.execute(_queries.count_tokens_for_all, parameters)


async def _read(connection: Connection, query: str, user_id: str) -> dict[str, Any]:
    """The one row of a query that always has one."""
    (row,) = await fetch_all(connection, getattr(_queries, query), {"user_id": user_id})
    return row
