"""The chat as a person's client meets it: over HTTP, on Postgres, with a scripted model."""

import shutil
from collections.abc import AsyncIterator

import pytest

from tests.support.chat import (
    ChatClient,
    app_environment,
    attachments_directory,
    chat_application,
)
from tests.support.model_server import ModelServer


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
async def url(database_url: str, model: ModelServer) -> AsyncIterator[str]:
    async with chat_application(app_environment(database_url, model)) as address:
        yield address
    shutil.rmtree(attachments_directory(database_url), ignore_errors=True)


@pytest.fixture
async def alice(url: str) -> AsyncIterator[ChatClient]:
    client = ChatClient(url, "alice", timezone="Europe/Berlin")
    async with client.http:
        yield client


@pytest.fixture
async def bob(url: str) -> AsyncIterator[ChatClient]:
    client = ChatClient(url, "bob")
    async with client.http:
        yield client
