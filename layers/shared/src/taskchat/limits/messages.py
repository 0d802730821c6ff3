"""Limits how many messages a person may send per minute and per day, in fixed UTC windows."""

import math
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import DictRow

from taskchat.database import Connection, fetch_all, load_queries
from taskchat.errors import MessageLimitError
from taskchat.settings import LimitSettings

_queries = load_queries("limits")


@dataclass(frozen=True)
class Usage:
    """What a person may still send.

    `per_minute` and `per_day` are the limits. `remaining` is what may be sent now: the smaller
    remainder of the two windows. `resets_at` (UTC) is when that window ends.
    """

    per_minute: int
    per_day: int
    remaining: int
    resets_at: datetime


@dataclass(frozen=True)
class _Window:
    period: str
    limit: int
    count: int
    resets_at: datetime
    seconds_left: float

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.count)


def count_one_more(counted: list[DictRow], settings: LimitSettings) -> Usage:
    """The usage after one more message; `counted` are the rows of `get_message_counts`.

    Raises `MessageLimitError` if a window is full.
    """
    windows = _windows(counted, settings)
    full = [window for window in windows if window.remaining == 0]
    if full:
        raise _limit_error(max(full, key=lambda window: window.resets_at))
    return _usage(windows, settings, sent=1)


async def require_message_room(
    connection: Connection, user_id: str, settings: LimitSettings
) -> None:
    """Raise `MessageLimitError` if the person may not send another message now; count nothing.

    For work that comes before the message is recorded, and should not be done in vain.
    """
    counted = await fetch_all(connection, _queries.get_message_counts, {"user_id": user_id})
    count_one_more(counted, settings)


async def read_usage(connection: Connection, user_id: str, settings: LimitSettings) -> Usage:
    """What the person may still send. Someone who has never written may send everything."""
    counted = await fetch_all(connection, _queries.get_message_counts, {"user_id": user_id})
    return _usage(_windows(counted, settings), settings)


def _windows(rows: list[DictRow], settings: LimitSettings) -> tuple[_Window, ...]:
    limits = {"minute": settings.messages_per_minute, "day": settings.messages_per_day}
    return tuple(
        _Window(
            period=row["period"],
            limit=limits[row["period"]],
            count=row["count"],
            resets_at=row["resets_at"],
            seconds_left=row["seconds_left"],
        )
        for row in rows
    )


def _usage(windows: tuple[_Window, ...], settings: LimitSettings, sent: int = 0) -> Usage:
    # If both windows have the same remainder, the one that ends later is the limit.
    tightest = min(windows, key=lambda window: (window.remaining, -window.seconds_left))
    return Usage(
        per_minute=settings.messages_per_minute,
        per_day=settings.messages_per_day,
        remaining=tightest.remaining - sent,
        resets_at=tightest.resets_at,
    )


def _limit_error(window: _Window) -> MessageLimitError:
    retry_after = max(1, math.ceil(window.seconds_left))
    when = f"in {retry_after} s" if window.period == "minute" else "after midnight UTC"
    return MessageLimitError(
        f"You can send {window.limit} messages per {window.period}. Try again {when}.",
        resets_at=window.resets_at,
        retry_after=retry_after,
    )
