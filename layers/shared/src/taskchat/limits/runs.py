"""Limits a person's concurrent answers, and the tokens used per day."""

import math

from psycopg.rows import DictRow

from taskchat.database import Connection, load_queries
from taskchat.errors import OutOfTokensError, TooManyAtOnceError
from taskchat.settings import LimitSettings

_queries = load_queries("limits")


def require_room(running: DictRow | None, settings: LimitSettings) -> None:
    """Raise `TooManyAtOnceError` if the person has as many running answers as allowed.

    `running` is the row of `count_running`.
    """
    if running is None or running["count"] >= settings.runs_per_person:
        raise TooManyAtOnceError(
            f"The assistant is already answering in {settings.runs_per_person} of your "
            "conversations. Try again when one of them is done."
        )


def require_tokens(used: DictRow | None, settings: LimitSettings) -> None:
    """Raise `OutOfTokensError` if the person, or everyone together, has used up the day's tokens.

    `used` is the row of `get_tokens`. A run that has begun is not cut off, so the last one may
    exceed the limit.
    """
    if used is None:
        return
    if 0 < settings.tokens_per_day <= used["by_person"]:
        reason = "You have reached the assistant's limit for today."
    elif 0 < settings.tokens_per_day_for_all <= used["by_all"]:
        reason = "The assistant has reached its limit for today."
    else:
        return
    raise OutOfTokensError(
        f"{reason} Try again after midnight UTC. You can still see and change your tasks.",
        resets_at=used["resets_at"],
        retry_after=max(1, math.ceil(used["seconds_left"])),
    )


async def count_tokens(connection: Connection, user_id: str, tokens: int) -> None:
    """Count the tokens that a run has used, last in the transaction that ends it."""
    if tokens <= 0:
        return
    parameters = {"user_id": user_id, "tokens": tokens}
    await connection.execute(_queries.count_tokens, parameters)
    await connection.execute(_queries.count_tokens_for_all, parameters)
