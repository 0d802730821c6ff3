"""The REST API on a loopback port, with a database of its own, and people to call it."""

import time
from collections.abc import AsyncIterator, Callable

import httpx2
import jwt
import pytest
from pydantic import SecretStr

from functions.api.app import ApiSettings, create_app
from taskchat.settings import AuthSettings, LimitSettings, ModelSettings, WebSettings
from tests.support.http_server import serve
from tests.support.postgres import database_settings

SECRET = "a-secret-of-thirty-two-bytes-and-more"
ALLOWED_ORIGIN = "https://front.example"


@pytest.fixture
def sign() -> Callable[..., str]:
    """Makes a token for a person."""

    def sign(user: str, *, expires_in: int = 600, **claims: str) -> str:
        return jwt.encode({"sub": user, "exp": int(time.time()) + expires_in, **claims}, SECRET)

    return sign


@pytest.fixture
def settings(database_url: str) -> ApiSettings:
    return ApiSettings(
        database=database_settings(database_url, pool_size=3),
        auth=AuthSettings(secret=SecretStr(SECRET)),
        limits=LimitSettings(messages_per_minute=3, messages_per_day=5),
        web=WebSettings(allowed_origins=(ALLOWED_ORIGIN,)),
        model=ModelSettings(model="gemini-of-the-test"),
    )


@pytest.fixture
async def api_url(settings: ApiSettings) -> AsyncIterator[str]:
    async with serve(create_app(settings)) as url:
        yield url


@pytest.fixture
async def anonymous(api_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client without a token."""
    async with httpx2.AsyncClient(base_url=api_url, timeout=10) as client:
        yield client


@pytest.fixture
async def alice(api_url: str, sign: Callable[..., str]) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {sign('alice', email='alice@example.com')}"}
    async with httpx2.AsyncClient(base_url=api_url, headers=headers, timeout=10) as client:
        yield client


@pytest.fixture
async def bob(api_url: str, sign: Callable[..., str]) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {sign('bob')}"}
    async with httpx2.AsyncClient(base_url=api_url, headers=headers, timeout=10) as client:
        yield client
