"""The person's account: everything of theirs as one document, and its erasure."""

import gzip
import json
from datetime import date, datetime
from typing import Any, Literal

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from functions.api.bodies import read_json_object
from functions.api.openapi import json_body
from taskchat import account
from taskchat.database import Database
from taskchat.errors import InvalidFieldsError
from taskchat.settings import WebSettings
from taskchat.web import Authenticator
from taskchat.web.authentication import clear_session_cookie

FILE_NAME = "taskchat-export.json"


class Erasure(BaseModel):
    """The body of DELETE /api/account: a word that nobody sends by accident."""

    confirm: Literal["delete"]


def add_routes(
    app: FastAPI, database: Database, authenticator: Authenticator, web: WebSettings
) -> None:
    """GET /api/account/export and DELETE /api/account."""

    @app.get("/api/account/export")
    async def export_account(request: Request) -> Response:
        user = await authenticator.authenticate(request)
        async with database.transaction() as connection:
            document = await account.export_account(connection, user.id)
        headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
        body = json.dumps(document, default=_as_text, ensure_ascii=False).encode()
        if "gzip" in request.headers.get("accept-encoding", ""):
            # A buffered response of Lambda has 6 MB, and years of conversations have more.
            body = gzip.compress(body)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(body, headers=headers, media_type="application/json")

    @app.delete("/api/account", status_code=204, openapi_extra=json_body(Erasure))
    async def delete_account(request: Request) -> Response:
        user = await authenticator.authenticate(request)
        if (await read_json_object(request)).get("confirm") != "delete":
            raise InvalidFieldsError({"confirm": 'must be "delete"'})
        await account.erase_account(database, user.id)
        response = Response(status_code=204)
        clear_session_cookie(response, secure=web.cookie_secure)
        return response


def _as_text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value)} has no place in the export")
