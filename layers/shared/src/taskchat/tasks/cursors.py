"""Cursors of task lists: the position of the last task returned, opaque to clients."""

import base64
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from taskchat.errors import BadRequestError
from taskchat.tasks.models import TimeBound
from taskchat.tasks.rows import TaskState

MAX_SEQ = 2**63 - 1


class Cursor(BaseModel):
    """A position in the order of task lists: open before done, soonest due first, newest first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    done: bool
    due_at: TimeBound
    seq: Annotated[int, Field(ge=0, le=MAX_SEQ)]

    @classmethod
    def at(cls, state: TaskState) -> Self:
        """The position of a task."""
        task = state.task
        return cls(done=task.completed_at is not None, due_at=task.due_at, seq=state.seq)

    def encode(self) -> str:
        """As URL-safe text."""
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Self:
        """Raises `BadRequestError` if the text is not an encoded cursor."""
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            return cls.model_validate_json(base64.b64decode(padded, b"-_", validate=True))
        except ValueError:
            raise BadRequestError("The cursor is not valid") from None
