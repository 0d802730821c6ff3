"""Identifies who calls a tool."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.requests import Request

from taskchat.auth import TokenVerifier
from taskchat.errors import UnauthenticatedError
from taskchat.users import User
from taskchat.web import read_timezone
from taskchat.web.authentication import read_bearer_token


@dataclass(frozen=True)
class Caller:
    """The person whose token came with the request, and their time zone."""

    user: User
    timezone: ZoneInfo


async def read_caller(request: Request, verifier: TokenVerifier) -> Caller:
    """Identify the caller by bearer token only: the session cookie is for the page.

    Raises `UnauthenticatedError`, `AuthUnavailableError`, and `BadRequestError` for the time zone.
    """
    token = read_bearer_token(request)
    if token is None:
        raise UnauthenticatedError("The request has no bearer token.")
    identity = await verifier.verify(token)
    return Caller(identity.user, read_timezone(request))
