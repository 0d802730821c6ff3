"""Undo, for the page; the assistant's widgets do the same through the chat."""

from fastapi import FastAPI, Request
from pydantic import BaseModel

from taskchat import tasks
from taskchat.database import Database
from taskchat.limits import count_change, require_task_count
from taskchat.settings import LimitSettings
from taskchat.web import Authenticator


class RestoredTasks(BaseModel):
    """The tasks as they are again; none if the change had created them."""

    tasks: tuple[tasks.Task, ...]


def add_routes(
    app: FastAPI, database: Database, authenticator: Authenticator, limits: LimitSettings
) -> None:
    """POST /api/changes/{id}/undo."""

    @app.post("/api/changes/{change_id}/undo")
    async def undo_change(change_id: str, request: Request) -> RestoredTasks:
        user = await authenticator.authenticate(request)
        async with database.transaction() as connection:
            await count_change(connection, user.id, limits)
            restored = await tasks.undo_change(connection, user.id, change_id)
            await require_task_count(connection, user.id, limits)
        return RestoredTasks(tasks=restored)
