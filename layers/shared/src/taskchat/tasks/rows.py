"""Tasks as rows of `tasks`, and as the complete states stored in `changes`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from psycopg.types.json import Jsonb

from taskchat.tasks.models import Task


@dataclass(frozen=True)
class TaskState:
    """The complete state of a task: the task, and its position in the order of creation."""

    seq: int
    task: Task

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """From a row of the database, or from an entry of a change."""
        return cls(seq=row["seq"], task=Task.model_validate(row))


def read_states(rows: Sequence[Mapping[str, Any]]) -> tuple[TaskState, ...]:
    """From rows of the database, or from one side of a change."""
    return tuple(map(TaskState.read, rows))


def states_as_json(states: Sequence[TaskState]) -> Jsonb:
    """One side of a change: an array of complete tasks."""
    return Jsonb([state.task.model_dump(mode="json") | {"seq": state.seq} for state in states])


def is_id(text: str) -> bool:
    """Whether the text can be an id. For other texts, Postgres may raise an error."""
    return text.isascii() and text.isprintable()
