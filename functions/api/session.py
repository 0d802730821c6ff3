"""The session endpoint: from here the page learns who is signed in and how to start the chat."""

from datetime import datetime

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from functions.api.bodies import read_json_object
from functions.api.openapi import json_body
from taskchat.database import Database
from taskchat.errors import InvalidFieldsError, UnauthenticatedError
from taskchat.limits import read_usage
from taskchat.settings import LimitSettings, WebSettings
from taskchat.users import User
from taskchat.web.authentication import (
    Authenticator,
    clear_session_cookie,
    read_bearer_token,
    set_session_cookie,
)


class SignIn(BaseModel):
    """The body of POST /api/session; without a token, the bearer header counts."""

    token: str | None = None


class SessionUser(BaseModel):
    id: str
    email: str | None


class ChatKitOptions(BaseModel):
    """What the chat's element needs to reach the server."""

    url: str
    domain_key: str


class Limits(BaseModel):
    """How many messages may be sent: per window, now, and when the tighter window ends."""

    per_minute: int
    per_day: int
    remaining: int
    resets_at: datetime


class Session(BaseModel):
    """The answer of GET and POST /api/session."""

    user: SessionUser
    chatkit: ChatKitOptions
    limits: Limits
    model: str


def add_routes(
    app: FastAPI,
    database: Database,
    authenticator: Authenticator,
    web: WebSettings,
    limits: LimitSettings,
    model: str,
) -> None:
    """POST, GET and DELETE /api/session."""

    async def describe_session(user: User) -> Session:
        async with database.transaction() as connection:
            usage = await read_usage(connection, user.id, limits)
        return Session(
            user=SessionUser(id=user.id, email=user.email),
            chatkit=ChatKitOptions(url=web.chatkit_url, domain_key=web.chatkit_domain_key),
            limits=Limits(
                per_minute=usage.per_minute,
                per_day=usage.per_day,
                remaining=usage.remaining,
                resets_at=usage.resets_at,
            ),
            model=model,
        )

    @app.post("/api/session", openapi_extra=json_body(SignIn, required=False))
    async def create_session(request: Request, response: Response) -> Session:
        # Another site's page must not sign the person in as somebody else, unnoticed.
        authenticator.check_origin(request)
        token = await _read_token(request)
        identity = await authenticator.verifier.verify(token)
        session = await describe_session(identity.user)
        set_session_cookie(
            response, token, expires_at=identity.expires_at, secure=web.cookie_secure
        )
        return session

    @app.get("/api/session")
    async def get_session(request: Request) -> Session:
        return await describe_session(await authenticator.authenticate(request))

    @app.delete("/api/session", status_code=204)
    async def delete_session(request: Request) -> Response:
        authenticator.check_origin(request)
        response = Response(status_code=204)
        clear_session_cookie(response, secure=web.cookie_secure)
        return response


async def _read_token(request: Request) -> str:
    """The token of the body, or else of the bearer header."""
    token = (await read_json_object(request)).get("token")
    if token is None:
        token = read_bearer_token(request)
    if token is None:
        raise UnauthenticatedError("There is no token with this request.")
    if not isinstance(token, str):
        raise InvalidFieldsError({"token": "must be text"})
    return token
