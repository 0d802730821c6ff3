"""Undo, for the page. The widgets of the assistant do the same through the chat."""

from fastapi import APIRouter
from pydantic import BaseModel

from functions.api.dependencies import SIGNED_IN, AppServices, Person, Transaction
from taskchat import tasks
from taskchat.limits import count_change, require_task_count

router = APIRouter(prefix="/api/changes", tags=["changes"], dependencies=SIGNED_IN)


class RestoredTasks(BaseModel):
    """The restored tasks. There are none if the change had created them."""

    tasks: tuple[tasks.Task, ...]


@router.post("/{change_id}/undo")
async def undo_change(
    change_id: str, person: Person, connection: Transaction, services: AppServices
) -> RestoredTasks:
    """Restores all of the change's tasks, or none."""
    await count_change(connection, person.id, services.limits)
    restored = await tasks.undo_change(connection, person.id, change_id)
    await require_task_count(connection, person.id, services.limits)
    return RestoredTasks(tasks=restored)
