"""Stop: ends the answer that is being written in a thread, whichever process writes it."""

from fastapi import FastAPI, Request, Response

from taskchat.database import Database
from taskchat.errors import NotFoundError
from taskchat.runs.service import request_stop
from taskchat.web import Authenticator


def add_routes(app: FastAPI, database: Database, authenticator: Authenticator) -> None:
    """DELETE /api/threads/{id}/run: 202, or 204 where nothing runs."""

    @app.delete("/api/threads/{thread_id}/run", status_code=202)
    async def stop_run(thread_id: str, request: Request) -> Response:
        user = await authenticator.authenticate(request)
        if not thread_id.isprintable():
            raise NotFoundError("There is no such thread.")
        async with database.transaction() as connection:
            stopping = await request_stop(connection, user.id, thread_id)
        return Response(status_code=202 if stopping else 204)
