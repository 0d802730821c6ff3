"""The page as the local server serves it."""

import json

import httpx2

from local.app import PAGE_HEADERS
from tests.support.chat import app_environment, chat_application
from tests.support.model_server import ModelServer


async def test_the_page_comes_with_the_headers_that_the_edge_sends(database_url: str) -> None:
    headers = json.loads(PAGE_HEADERS.read_text())
    async with (
        ModelServer() as model,
        chat_application(app_environment(database_url, model)) as url,
        httpx2.AsyncClient(base_url=url) as client,
    ):
        response = await client.get("/")

    assert {name: response.headers[name] for name in headers} == headers
    policy = response.headers["content-security-policy"]
    directives = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert directives["script-src"] == "'self' https://cdn.platform.openai.com"
    assert directives["frame-src"] == "'self' https://cdn.platform.openai.com"
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    # It speaks plain HTTP, and would close the address to whatever else is served from it.
    assert "strict-transport-security" not in response.headers


async def test_a_path_that_is_no_file_is_answered_by_the_page(database_url: str) -> None:
    async with (
        ModelServer() as model,
        chat_application(app_environment(database_url, model)) as url,
        httpx2.AsyncClient(base_url=url) as client,
    ):
        page = await client.get("/")
        for path in ("/tasks", "/threads/thr_1", "/tasks/"):
            found = await client.get(path)
            assert (found.text, found.headers["cache-control"]) == (page.text, "no-cache")

        for path in ("/assets/index-0.js", "/favicon.gif", "/.well-known/any", "/api/nothing"):
            missing = await client.get(path)
            assert missing.status_code == 404
            assert missing.headers["content-type"] == "application/problem+json"
