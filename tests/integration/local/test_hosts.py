"""The names that the local server answers to: a page may rebind its own name to this machine."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from local.hosts import is_allowed
from tests.support.chat import app_environment, chat_application
from tests.support.model_server import ModelServer
from tests.support.problems import assert_problem

ALLOWED = ("localhost", "127.0.0.1")


@pytest.fixture
async def environment(database_url: str) -> AsyncIterator[dict[str, str]]:
    async with ModelServer() as model:
        yield app_environment(database_url, model)


async def test_a_name_that_is_not_allowed_is_refused_everywhere(
    environment: dict[str, str],
) -> None:
    async with chat_application(environment) as url, httpx2.AsyncClient(base_url=url) as client:
        for method, path in [
            ("GET", "/"),
            ("GET", "/healthz"),
            ("POST", "/api/dev/token"),
            ("GET", "/api/session"),
            ("POST", "/api/chatkit"),
        ]:
            response = await client.request(
                method, path, json={"user": "alice"}, headers={"Host": "rebound.example"}
            )
            assert_problem(response, 403, "forbidden")
        token = await client.post("/api/dev/token", json={"user": "alice"})
        assert token.status_code == 200


async def test_more_names_can_be_allowed(environment: dict[str, str]) -> None:
    more = {**environment, "ALLOWED_HOSTS": "taskchat.test, 127.0.0.1"}
    async with chat_application(more) as url, httpx2.AsyncClient(base_url=url) as client:
        for host, status in [("taskchat.test", 200), ("localhost", 403)]:
            assert (await client.get("/healthz", headers={"Host": host})).status_code == status


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:8000", "127.0.0.1:1", "127.0.0.1", "localhost."]
)
def test_a_name_counts_without_its_port(host: str) -> None:
    assert is_allowed(host, ALLOWED)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "evil.example:127.0.0.1",
        "127.0.0.1@evil.example",
        "127.0.0.1.evil.example:8000",
        "127.0.0.1:8000:evil",
        "localhost/evil",
        "[::1]:8000",
    ],
)
def test_what_only_looks_like_an_allowed_name_is_none(host: str) -> None:
    assert not is_allowed(host, ALLOWED)
