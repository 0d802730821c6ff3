"""The cases of `cases.yaml`, and the comparison of tasks with what a case expects."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

CASES = Path(__file__).with_name("cases.yaml")
HARMLESS = frozenset({"list_tasks", "ask_which_task"})
"""Tools that change nothing: a model may always look, and ask."""
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TaskState(_Part):
    """The expected state of a task. Fields that are not set may have any value."""

    title: str
    description: str | None = None
    priority: Literal["low", "medium", "high"] | None = None
    tags: tuple[str, ...] | None = None
    due: str | None = None
    completed: bool | None = None

    def is_met_by(self, task: dict[str, Any], timezone: ZoneInfo) -> bool:
        """Whether a task from the REST API has the expected state."""
        given = self.model_fields_set
        return (
            self.title.casefold() in task["title"].casefold()
            and (not self.description or self.description in (task["description"] or ""))
            and (self.priority is None or self.priority == task["priority"])
            and (self.tags is None or set(self.tags) == set(task["tags"]))
            and (self.completed is None or self.completed == (task["completed_at"] is not None))
            and ("due" not in given or due_time(self.due, timezone) == _instant(task["due_at"]))
        )


class Click(_Part):
    """A click on a button of the newest card that has one."""

    click: str


class Case(_Part):
    """One conversation."""

    category: str
    name: str
    timezone: str = "Europe/Berlin"
    before: tuple[TaskState, ...] = ()
    says: tuple[str | Click, ...]
    after: tuple[TaskState, ...] | None = None
    tools: frozenset[str]
    demo: bool = False

    @property
    def title(self) -> str:
        """The case's name in a report."""
        return f"{self.category}: {self.name}"

    def problems(self, tasks: Sequence[dict[str, Any]], called: frozenset[str]) -> list[str]:
        """The differences from the expected result, in words. None if the case passed."""
        problems = []
        expected = self.before if self.after is None else self.after
        left = list(tasks)
        for state in expected:
            met = [t for t in left if state.is_met_by(t, ZoneInfo(self.timezone))]
            if met:
                left.remove(met[0])
            else:
                problems.append(f"no task is {state.model_dump(exclude_unset=True)}")
        problems += [f"{task['title']!r} is too much" for task in left]
        if missing := self.tools - called:
            problems.append(f"not called: {', '.join(sorted(missing))}")
        if wrong := called - self.tools - HARMLESS:
            problems.append(f"called: {', '.join(sorted(wrong))}")
        return problems


def load_cases() -> tuple[Case, ...]:
    """All cases. Raises `pydantic.ValidationError` if one is malformed."""
    return TypeAdapter(tuple[Case, ...]).validate_python(yaml.safe_load(CASES.read_text("utf-8")))


def due_time(words: str | None, timezone: ZoneInfo) -> datetime | None:
    """The time that a text such as "tomorrow 17:00" means now."""
    if words is None:
        return None
    day, _, clock = words.rpartition(" ")
    moment = time.fromisoformat(clock)
    return datetime.combine(_day(day, datetime.now(timezone).date()), moment, timezone)


def _day(words: str, today: date) -> date:
    if words in _WEEKDAYS:
        return today + timedelta(days=(_WEEKDAYS.index(words) - today.weekday() - 1) % 7 + 1)
    if match := re.fullmatch(r"in (\d+) days", words):
        return today + timedelta(days=int(match[1]))
    days = {"today": 0, "tomorrow": 1}.get(words)
    return date.fromisoformat(words) if days is None else today + timedelta(days=days)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
