"""The person's account: the export and the erasure of all their data."""

import gzip
import json
from datetime import date, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from functions.api.dependencies import SIGNED_IN, AppServices, Person, Transaction
from taskchat import account
from taskchat.attachments.deletion import delete_files_now
from taskchat.web.authentication import clear_session_cookie

FILE_NAME = "taskchat-export.json"

router = APIRouter(prefix="/api/account", tags=["account"], dependencies=SIGNED_IN)


class Erasure(BaseModel):
    """The body of DELETE /api/account, with a word against erasure by accident."""

    confirm: Literal["delete"]


@router.get("/export", response_model=dict[str, Any])
async def export_account(request: Request, person: Person, connection: Transaction) -> Response:
    """All of the person's data as a file, compressed if the client accepts gzip."""
    document = await account.export_account(connection, person.id)
    headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    body = json.dumps(document, default=_as_text, ensure_ascii=False).encode()
    if "gzip" in request.headers.get("accept-encoding", ""):
        # Lambda limits a buffered response to 6 MB, and years of conversations exceed that.
        body = gzip.compress(body)
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(body, headers=headers, media_type="application/json")


@router.delete("", status_code=204)
async def delete_account(
    _confirmed: Erasure, person: Person, services: AppServices, response: Response
) -> None:
    """Deletes all of the person's data, after their running answers were stopped."""
    await account.erase_account(services.database, person.id)
    await delete_files_now(services.database, services.files, person.id)
    clear_session_cookie(response, secure=services.web.cookie_secure)


def _as_text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value)} has no place in the export")
