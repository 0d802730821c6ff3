"""The MCP function and the REST API on loopback ports, on one database."""

import time
from collections.abc import AsyncIterator, Callable

import httpx2
import jwt
import pytest
from pydantic import SecretStr

from functions.api.app import ApiSettings
from functions.api.app import create_app as create_api
from functions.mcp.app import create_app
from functions.mcp.settings import McpSettings
from taskchat.settings import AuthSettings, LimitSettings, ModelSettings, WebSettings
from tests.support.http_server import serve
from tests.support.postgres import database_settings

SECRET = "a-secret-of-thirty-two-bytes-and-more"
ISSUER = "https://issuer.example/pool"


@pytest.fixture
def sign() -> Callable[[str], str]:
    """Makes a token for a person."""

    def sign(user: str) -> str:
        claims = {"sub": user, "exp": int(time.time()) + 600, "iss": ISSUER}
        return jwt.encode(claims, SECRET)

    return sign


@pytest.fixture
def settings(database_url: str) -> McpSettings:
    return McpSettings(
        database=database_settings(database_url, pool_size=3),
        auth=AuthSettings(secret=SecretStr(SECRET), issuer=ISSUER),
        limits=LimitSettings(changes_per_minute=20, tasks_per_person=10),
    )


@pytest.fixture
async def mcp_url(settings: McpSettings) -> AsyncIterator[str]:
    async with serve(create_app(settings)) as url:
        yield url


@pytest.fixture
async def anonymous(mcp_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A plain HTTP client of the MCP function, without a token."""
    async with httpx2.AsyncClient(base_url=mcp_url, timeout=10) as client:
        yield client


@pytest.fixture
async def rest(
    settings: McpSettings, sign: Callable[[str], str]
) -> AsyncIterator[httpx2.AsyncClient]:
    """The REST API, as Alice."""
    api = create_api(
        ApiSettings(
            database=settings.database,
            auth=settings.auth,
            limits=settings.limits,
            web=WebSettings(),
            model=ModelSettings(),
        )
    )
    headers = {"Authorization": f"Bearer {sign('alice')}"}
    async with (
        serve(api) as url,
        httpx2.AsyncClient(base_url=url, headers=headers, timeout=10) as client,
    ):
        yield client
