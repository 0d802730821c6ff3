"""What a person can want, as the grammar understands it and the plan carries it out."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from local.demo_model.moments import Moment

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """Which task is meant: by its title, by its place in the last list, or by what came last."""

    kind: Literal["last", "several", "place", "title"]
    title: str = ""
    place: int = 0


@dataclass(frozen=True)
class Create:
    """A new task."""

    title: str
    details: Arguments = field(default_factory=dict)
    due: Moment | None = None


@dataclass(frozen=True)
class Find:
    """The tasks that fit the filters of `list_tasks`."""

    filters: Arguments = field(default_factory=dict)


@dataclass(frozen=True)
class Complete:
    """A task is done, or is not done after all."""

    target: Target
    completed: bool = True


@dataclass(frozen=True)
class Update:
    """Some of a task's members change. `due` and `shift` start from when it is due now."""

    target: Target
    changes: Arguments = field(default_factory=dict)
    due: Moment | None = None
    shift: timedelta | None = None
    add_tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delete:
    """A task goes."""

    target: Target


@dataclass(frozen=True)
class Bulk:
    """All tasks that fit the filters are completed or deleted, once the person confirms it."""

    tool: Literal["complete_all_tasks", "delete_all_tasks"]
    filters: Arguments = field(default_factory=dict)


@dataclass(frozen=True)
class Talk:
    """Nothing to do but to say something."""

    text: str


Change = Complete | Update | Delete
Intent = Create | Find | Bulk | Talk | Change
