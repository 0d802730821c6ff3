"""A session with a scripted model server for each test."""

from collections.abc import AsyncIterator

import pytest

from taskchat.gemini import create_client
from taskchat.settings import GeminiSettings
from tests.integration.gemini.session import MODEL, Session
from tests.support.model_server import ModelServer


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    async with ModelServer() as server:
        settings = GeminiSettings.from_environment(
            {
                "GEMINI_API_KEY": "test-key",
                "GEMINI_BASE_URL": server.base_url,
                "GEMINI_MODEL": MODEL,
            }
        )
        async with create_client(settings, "test-key") as client:
            yield Session(server, settings, client)
