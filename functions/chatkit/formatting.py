"""Times, titles and numbers in words for the person."""

import json
from collections.abc import Iterable, Sized
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from taskchat.clock import utc_now

_SHOWN_TITLE = 60


def quoted(title: str) -> str:
    """The title in quotation marks, shortened if it is long."""
    return f"“{title if len(title) <= _SHOWN_TITLE else title[: _SHOWN_TITLE - 1] + '…'}”"


def as_data(text: str) -> str:
    """The text as data within a note to the model: quoted, and unable to end the note."""
    return json.dumps(text, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


def due_in_words(due_at: datetime, timezone: ZoneInfo) -> str:
    """Such as "today 17:00", "tomorrow 09:30", "Fri 4 Dec 2026, 12:00", in the person's zone."""
    local = due_at.astimezone(timezone)
    days = (local.date() - utc_now().astimezone(timezone).date()).days
    day = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    return f"{day} {local:%H:%M}" if day else f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def counted(tasks: Sized) -> str:
    """Such as "no tasks", "one task" or "5 tasks"."""
    return _number(len(tasks), "task")


class StepOutcome(Protocol):
    """The outcome of a step: what was done (such as "Created") to how many tasks."""

    @property
    def done(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def failed(self) -> bool: ...


def steps_in_words(outcomes: Iterable[StepOutcome]) -> str:
    """Such as "Created 2 tasks, looked at 5 tasks, one step failed"."""
    counts: dict[str, int] = {}
    failures = 0
    for outcome in outcomes:
        if outcome.failed:
            failures += 1
        else:
            counts[outcome.done] = counts.get(outcome.done, 0) + outcome.count
    parts = [f"{done} {_number(count, 'task')}" for done, count in counts.items()]
    if failures:
        parts.append(f"{_number(failures, 'step')} failed")
    text = ", ".join(part[0].lower() + part[1:] for part in parts) or "interrupted"
    return text[0].upper() + text[1:]


def _number(count: int, noun: str) -> str:
    return {0: f"no {noun}s", 1: f"one {noun}"}.get(count, f"{count} {noun}s")
