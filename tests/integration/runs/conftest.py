"""The application in two processes, as far as runs can tell: two of it on one database."""

from collections.abc import AsyncIterator

import pytest

from tests.support.chat import ChatClient, app_environment, chat_application
from tests.support.model_server import ModelServer


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
def environment(database_url: str, model: ModelServer) -> dict[str, str]:
    return app_environment(database_url, model)


@pytest.fixture
async def alice(environment: dict[str, str]) -> AsyncIterator[ChatClient]:
    async with chat_application(environment) as url:
        client = ChatClient(url, "alice")
        async with client.http:
            yield client


@pytest.fixture
async def alice_elsewhere(environment: dict[str, str]) -> AsyncIterator[ChatClient]:
    """The same person at another process."""
    async with chat_application(environment) as url:
        client = ChatClient(url, "alice")
        async with client.http:
            yield client
