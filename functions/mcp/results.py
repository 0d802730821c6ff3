"""What the tools return through MCP: their results, with the id for Undo, and their schemas."""

from typing import Literal

from pydantic import BaseModel, Field

from taskchat.tools import DeletedTask, OneTask

BulkStatus = Literal["nothing_to_do", "needs_confirmation", "done"]


class _Undoable(BaseModel):
    change_id: str | None = Field(
        description="POST /api/changes/{change_id}/undo takes it back. Null: nothing changed."
    )


class ChangedTask(OneTask, _Undoable):
    """The task as it is now."""


class GoneTask(DeletedTask, _Undoable):
    """The title of the deleted task."""


class BulkResult(_Undoable):
    """What a bulk tool would do, or has done."""

    status: BulkStatus
    count: int = Field(description="How many tasks.")
    titles: tuple[str, ...] = Field(description="Titles of the first of them.")
    confirmation_id: str | None = Field(
        description="What the tool must be called with, once the person has agreed."
    )
    note: str
