"""Stop: ends the answer that is being written in a thread, whichever process writes it."""

from fastapi import APIRouter, Response

from functions.api.dependencies import SIGNED_IN, Person, Transaction
from taskchat.errors import NotFoundError
from taskchat.runs.service import request_stop

router = APIRouter(prefix="/api/threads", tags=["threads"], dependencies=SIGNED_IN)


@router.delete(
    "/{thread_id}/run",
    status_code=202,
    response_class=Response,
    responses={204: {"description": "No answer is being written"}},
)
async def stop_run(thread_id: str, person: Person, connection: Transaction) -> Response:
    """202 if a run was asked to stop."""
    if not thread_id.isprintable():
        raise NotFoundError("There is no such thread.")
    stopping = await request_stop(connection, person.id, thread_id)
    return Response(status_code=202 if stopping else 204)
