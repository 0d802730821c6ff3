"""Times, titles and numbers in words for the person."""

from collections.abc import Sized
from datetime import datetime
from zoneinfo import ZoneInfo

from taskchat.clock import utc_now

_SHOWN_TITLE = 60


def quoted(title: str) -> str:
    """The title in quotation marks, cut where it is long."""
    return f"“{title if len(title) <= _SHOWN_TITLE else title[: _SHOWN_TITLE - 1] + '…'}”"


def due_in_words(due_at: datetime, timezone: ZoneInfo) -> str:
    """Such as "today 17:00", "tomorrow 09:30", "Fri 4 Dec 2026, 12:00", in the person's zone."""
    local = due_at.astimezone(timezone)
    days = (local.date() - utc_now().astimezone(timezone).date()).days
    day = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    return f"{day} {local:%H:%M}" if day else f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def counted(tasks: Sized) -> str:
    """Such as "one task" or "5 tasks"."""
    return "one task" if len(tasks) == 1 else f"{len(tasks)} tasks"
