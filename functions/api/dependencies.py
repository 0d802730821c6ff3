"""The routes' dependencies: the person, a transaction, and the application's services."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from taskchat.attachments.storage import FileStorage
from taskchat.database import Connection, Database
from taskchat.settings import LimitSettings, ModelSettings, WebSettings
from taskchat.timezone import set_timezone
from taskchat.users import User
from taskchat.web import Authenticator, read_timezone
from taskchat.web.authentication import COOKIE_NAME


@dataclass(frozen=True)
class Services:
    """What lives as long as the application, in `app.state.services`."""

    database: Database
    authenticator: Authenticator
    limits: LimitSettings
    web: WebSettings
    model: ModelSettings
    files: FileStorage | None


async def get_services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


AppServices = Annotated[Services, Depends(get_services)]

# These only describe the two ways to sign in, in `/api/openapi.json`; `Authenticator` reads them.
_BEARER = HTTPBearer(auto_error=False, bearerFormat="JWT")
_COOKIE = APIKeyCookie(name=COOKIE_NAME, auto_error=False)


async def get_person(request: Request, services: AppServices) -> User:
    return await services.authenticator.authenticate(request)


Person = Annotated[User, Depends(get_person)]
"""The person whose token the request carries. Raises `UnauthenticatedError`, `ForbiddenError`."""

SIGNED_IN = [Security(_BEARER), Security(_COOKIE), Depends(get_person)]
"""For routers: identifies the person before anything else of the request is read."""


async def begin_transaction(services: AppServices) -> AsyncIterator[Connection]:
    async with services.database.transaction() as connection:
        yield connection


Transaction = Annotated[Connection, Depends(begin_transaction, scope="function")]
"""Committed before the response is sent, and rolled back if the route raises."""


TIMEZONE_FORMAT = "iana-time-zone"


async def use_timezone(
    request: Request,
    x_timezone: Annotated[  # noqa: ARG001  it describes the header that `read_timezone` reads
        str,
        Header(
            description="IANA name of the person's time zone",
            json_schema_extra={"format": TIMEZONE_FORMAT},
        ),
    ] = "UTC",
) -> None:
    """Read times without an offset in the person's time zone. Raises `BadRequestError`."""
    set_timezone(read_timezone(request))
