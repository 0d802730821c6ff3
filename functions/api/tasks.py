"""The person's tasks, for the page. Times without an offset are read in `X-Timezone`."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from functions.api.dependencies import (
    SIGNED_IN,
    AppServices,
    Person,
    Transaction,
    use_timezone,
)
from taskchat import tasks
from taskchat.limits import count_change, require_task_count
from taskchat.tasks import BY_PERSON, Changed, Task, TaskDraft, TaskFilter, TaskPatch
from taskchat.tasks.service import DEFAULT_LIMIT, MAX_LIMIT
from taskchat.users import ensure_user

CHANGE_ID_HEADER = "X-Change-Id"
"""On the response to a change: its id, for Undo. Absent if nothing changed."""

_CHANGED: dict[str, Any] = {
    "headers": {
        CHANGE_ID_HEADER: {
            "description": "The id of the change, for undoing it; absent where nothing changed",
            "schema": {"type": "string"},
        }
    }
}
_CREATED = {
    **_CHANGED,
    "links": {
        "Undo": {
            "operationId": "undo_change",
            "parameters": {"change_id": f"$response.header.{CHANGE_ID_HEADER}"},
        }
    },
}
CURSOR_FORMAT = "cursor"
"""In the OpenAPI document: a text that this list returned as `next_cursor`."""

router = APIRouter(
    prefix="/api/tasks", tags=["tasks"], dependencies=[*SIGNED_IN, Depends(use_timezone)]
)


class TaskPage(BaseModel):
    """A page of the list, and the cursor of the next one; null at the end."""

    tasks: tuple[Task, ...]
    next_cursor: str | None


class TaskQuery(TaskFilter):
    """All query parameters of GET /api/tasks."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: Annotated[str | None, Field(json_schema_extra={"format": CURSOR_FORMAT})] = None


@router.get("")
async def list_tasks(
    query: Annotated[TaskQuery, Query()], person: Person, connection: Transaction
) -> TaskPage:
    """Open tasks first, then the soonest due, then the newest."""
    page = await tasks.list_tasks(
        connection, person.id, query, limit=query.limit, cursor=query.cursor
    )
    return TaskPage(tasks=page.tasks, next_cursor=page.next_cursor)


@router.post("", status_code=201, responses={201: _CREATED})
async def create_task(
    draft: TaskDraft,
    person: Person,
    connection: Transaction,
    services: AppServices,
    response: Response,
) -> Task:
    await ensure_user(connection, person)
    await count_change(connection, person.id, services.limits)
    changed = await tasks.create_task(connection, person.id, draft, origin=BY_PERSON)
    await require_task_count(connection, person.id, services.limits)
    task = _the_task(changed, response)
    response.headers["Location"] = f"/api/tasks/{task.id}"
    return task


@router.get("/{task_id}")
async def get_task(task_id: str, person: Person, connection: Transaction) -> Task:
    return await tasks.get_task(connection, person.id, task_id)


@router.patch("/{task_id}", responses={200: _CHANGED})
async def update_task(
    task_id: str,
    patch: TaskPatch,
    person: Person,
    connection: Transaction,
    services: AppServices,
    response: Response,
) -> Task:
    """Changes the fields that are sent, and no others."""
    await count_change(connection, person.id, services.limits)
    changed = await tasks.update_task(connection, person.id, task_id, patch, origin=BY_PERSON)
    return _the_task(changed, response)


@router.delete("/{task_id}", status_code=204, responses={204: _CHANGED})
async def delete_task(
    task_id: str,
    person: Person,
    connection: Transaction,
    services: AppServices,
    response: Response,
) -> None:
    await count_change(connection, person.id, services.limits)
    changed = await tasks.delete_task(connection, person.id, task_id, origin=BY_PERSON)
    _the_task(changed, response)


def _the_task(changed: Changed, response: Response) -> Task:
    """The one task of the change. Adds the change's id to the response."""
    if changed.change_id is not None:
        response.headers[CHANGE_ID_HEADER] = changed.change_id
    return changed.tasks[0]
