"""Undo, for the page; the assistant's widgets do the same through the chat."""

from fastapi import APIRouter
from pydantic import BaseModel

from functions.api.dependencies import SIGNED_IN, AppServices, Person, Transaction
from taskchat import tasks
from taskchat.limits import count_change, require_task_count

router = APIRouter(prefix="/api/changes", tags=["changes"], dependencies=SIGNED_IN)


class RestoredTasks(BaseModel):
    """The tasks as they are again; none if the change had created them."""

    tasks: tuple[tasks.Task, ...]


@router.post("/{change_id}/undo")
async def undo_change(
    change_id: str, person: Person, connection: Transaction, services: AppServices
) -> RestoredTasks:
    """All of the change's tasks or none."""
    await count_change(connection, person.id, services.limits)
    restored = await tasks.undo_change(connection, person.id, change_id)
    await require_task_count(connection, person.id, services.limits)
    return RestoredTasks(tasks=restored)
