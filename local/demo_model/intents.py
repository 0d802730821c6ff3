"""What a person may want: `grammar` recognises these intents, and `plan` carries them out."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from local.demo_model.moments import Moment

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """Which task is meant: the last one or several, one by position in a list, or by title."""

    kind: Literal["last", "several", "place", "title"]
    title: str = ""
    place: int = 0


@dataclass(frozen=True)
class Create:
    """Create a task."""

    title: str
    details: Arguments = field(default_factory=dict)
    due: Moment | None = None


@dataclass(frozen=True)
class Find:
    """List the tasks that match the filters of `list_tasks`."""

    filters: Arguments = field(default_factory=dict)


@dataclass(frozen=True)
class Complete:
    """Mark a task as done, or reopen it."""

    target: Target
    completed: bool = True


@dataclass(frozen=True)
class Update:
    """Change some of a task's fields. `due` and `shift` are relative to its current due time."""

    target: Target
    changes: Arguments = field(default_factory=dict)
    due: Moment | None = None
    shift: timedelta | None = None
    add_tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delete:
    """Delete a task."""

    target: Target


@dataclass(frozen=True)
class Bulk:
    """Complete or delete all tasks that match the filters, after the person has confirmed it."""

    tool: Literal["complete_all_tasks", "delete_all_tasks"]
    filters: Arguments = field(default_factory=dict)


@dataclass(frozen=True)
class Talk:
    """Only say something."""

    text: str


Change = Complete | Update | Delete
Intent = Create | Find | Bulk | Talk | Change
