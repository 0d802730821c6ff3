"""The person's tasks, for the page."""

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from functions.api.bodies import read_json_object
from functions.api.openapi import json_body, query_parameters
from taskchat import tasks
from taskchat.database import Database
from taskchat.limits import count_change, require_task_count
from taskchat.settings import LimitSettings
from taskchat.tasks import BY_PERSON, Changed, Task, TaskDraft, TaskFilter, TaskPatch, validate
from taskchat.users import ensure_user
from taskchat.web import Authenticator, read_timezone

CHANGE_ID_HEADER = "X-Change-Id"
"""On the answer to a change: the id that Undo takes. Absent where nothing changed."""


class TaskPage(BaseModel):
    """A page of the list, and the cursor of the next one; null at the end."""

    tasks: tuple[Task, ...]
    next_cursor: str | None


class TaskQuery(TaskFilter):
    """The whole query of GET /api/tasks."""

    limit: int = 50
    cursor: str | None = None


def add_routes(
    app: FastAPI, database: Database, authenticator: Authenticator, limits: LimitSettings
) -> None:
    """/api/tasks and /api/tasks/{id}; times without an offset are meant in `X-Timezone`."""

    @app.get("/api/tasks", openapi_extra=query_parameters(TaskQuery))
    async def list_tasks(request: Request) -> TaskPage:
        user = await authenticator.authenticate(request)
        query = validate(TaskQuery, dict(request.query_params), read_timezone(request))
        async with database.transaction() as connection:
            page = await tasks.list_tasks(
                connection, user.id, query, limit=query.limit, cursor=query.cursor
            )
        return TaskPage(tasks=page.tasks, next_cursor=page.next_cursor)

    @app.post("/api/tasks", status_code=201, openapi_extra=json_body(TaskDraft))
    async def create_task(request: Request, response: Response) -> Task:
        user = await authenticator.authenticate(request)
        draft = validate(TaskDraft, await read_json_object(request), read_timezone(request))
        async with database.transaction() as connection:
            await ensure_user(connection, user)
            await count_change(connection, user.id, limits)
            changed = await tasks.create_task(connection, user.id, draft, origin=BY_PERSON)
            await require_task_count(connection, user.id, limits)
        task = _the_task(changed, response)
        response.headers["Location"] = f"/api/tasks/{task.id}"
        return task

    @app.get("/api/tasks/{task_id}")
    async def get_task(task_id: str, request: Request) -> Task:
        user = await authenticator.authenticate(request)
        async with database.transaction() as connection:
            return await tasks.get_task(connection, user.id, task_id)

    @app.patch("/api/tasks/{task_id}", openapi_extra=json_body(TaskPatch))
    async def update_task(task_id: str, request: Request, response: Response) -> Task:
        user = await authenticator.authenticate(request)
        patch = validate(TaskPatch, await read_json_object(request), read_timezone(request))
        async with database.transaction() as connection:
            await count_change(connection, user.id, limits)
            changed = await tasks.update_task(connection, user.id, task_id, patch, origin=BY_PERSON)
        return _the_task(changed, response)

    @app.delete("/api/tasks/{task_id}", status_code=204)
    async def delete_task(task_id: str, request: Request) -> Response:
        user = await authenticator.authenticate(request)
        async with database.transaction() as connection:
            await count_change(connection, user.id, limits)
            changed = await tasks.delete_task(connection, user.id, task_id, origin=BY_PERSON)
        response = Response(status_code=204)
        _the_task(changed, response)
        return response


def _the_task(changed: Changed, response: Response) -> Task:
    """The one task of the change, whose id goes into the response."""
    if changed.change_id is not None:
        response.headers[CHANGE_ID_HEADER] = changed.change_id
    return changed.tasks[0]
