"""The session endpoint: tells the page who is signed in and how to start the chat."""

from datetime import datetime

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from functions.api.dependencies import SIGNED_IN, AppServices, Person, Services, Transaction
from taskchat.attachments.kinds import EXTENSIONS, MAX_BYTES, MAX_COUNT
from taskchat.database import Connection
from taskchat.errors import UnauthenticatedError
from taskchat.limits import read_usage
from taskchat.users import User
from taskchat.web.authentication import (
    clear_session_cookie,
    read_bearer_token,
    set_session_cookie,
)

router = APIRouter(prefix="/api/session", tags=["session"])


class SignIn(BaseModel):
    """The body of POST /api/session. Without `token`, the bearer header is used."""

    token: str | None = None


NO_TOKEN = SignIn()


class SessionUser(BaseModel):
    id: str
    email: str | None


class ChatKitOptions(BaseModel):
    """What the chat's element needs to reach the server."""

    url: str
    domain_key: str


class Limits(BaseModel):
    """How many messages may be sent per window and now, and when the tighter window ends."""

    per_minute: int
    per_day: int
    remaining: int
    resets_at: datetime


class AttachmentRules(BaseModel):
    """Which files may be attached to a message: bytes of each, how many, types with extensions."""

    max_bytes: int
    max_count: int
    types: dict[str, tuple[str, ...]]


class Session(BaseModel):
    """The response of GET and POST /api/session."""

    user: SessionUser
    chatkit: ChatKitOptions
    limits: Limits
    model: str
    attachments: AttachmentRules | None
    """None if the model takes no files, or there is nowhere to store them."""


async def require_our_page(request: Request, services: AppServices) -> None:
    """Keeps other sites' pages from signing the person out, or in as someone else, unnoticed."""
    services.authenticator.check_origin(request)


@router.post("", dependencies=[Depends(require_our_page)])
async def create_session(
    request: Request, response: Response, services: AppServices, sign_in: SignIn = NO_TOKEN
) -> Session:
    """Stores the token of the body, or else of the bearer header, in a cookie."""
    token = read_bearer_token(request) if sign_in.token is None else sign_in.token
    if token is None:
        raise UnauthenticatedError("The request has no token.")
    identity = await services.authenticator.verifier.verify(token)
    async with services.database.transaction() as connection:
        session = await _describe_session(connection, identity.user, services)
    set_session_cookie(
        response, token, expires_at=identity.expires_at, secure=services.web.cookie_secure
    )
    return session


@router.get("", dependencies=SIGNED_IN)
async def get_session(person: Person, connection: Transaction, services: AppServices) -> Session:
    return await _describe_session(connection, person, services)


@router.delete("", status_code=204, dependencies=[Depends(require_our_page)])
async def delete_session(response: Response, services: AppServices) -> None:
    clear_session_cookie(response, secure=services.web.cookie_secure)


async def _describe_session(connection: Connection, user: User, services: Services) -> Session:
    usage = await read_usage(connection, user.id, services.limits)
    web = services.web
    return Session(
        user=SessionUser(id=user.id, email=user.email),
        chatkit=ChatKitOptions(url=web.chatkit_url, domain_key=web.chatkit_domain_key),
        limits=Limits(
            per_minute=usage.per_minute,
            per_day=usage.per_day,
            remaining=usage.remaining,
            resets_at=usage.resets_at,
        ),
        model=services.model.model,
        attachments=AttachmentRules(
            max_bytes=MAX_BYTES, max_count=MAX_COUNT, types=dict(EXTENSIONS)
        )
        if services.files and services.model.vision
        else None,
    )
