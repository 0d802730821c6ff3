"""`make smoke` against a good endpoint, and against endpoints of which one thing is broken."""

import asyncio
import hashlib
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, Response

from tests.support.chat import app_environment, chat_application, token_for
from tests.support.model_server import (
    Call,
    ModelServer,
    RecordedRequest,
    Reply,
    problem,
    text,
    tool_calls,
)
from tests.support.proxy import Change, at_once, proxy, whole

CHECKS = 14


async def smoke(*arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.smoke", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


def create_what_is_asked(request: RecordedRequest) -> Reply:
    messages = request.json["messages"]
    if messages[-1]["role"] == "tool":
        return text("It", " is", " on", " the", " list.", delay=0.05)
    (title,) = re.findall(r"Smoke test \w+", str(messages[-1]["content"]))
    return tool_calls(Call("create_task", {"title": title}))


def refuse_unhashed(
    method: str, _path: str, headers: MutableHeaders, body: bytes
) -> Response | None:
    """As CloudFront's way to a function URL does."""
    if method == "POST" and headers.get("x-amz-content-sha256") != hashlib.sha256(body).hexdigest():
        return JSONResponse({"Message": None}, 403)
    return None


def answers(method: str, path: str, status: int, document: object = None) -> Change:
    """Answer all requests with this method whose path begins so."""

    def change(found: str, where: str, _headers: MutableHeaders, _body: bytes) -> Response | None:
        if found == method and where.startswith(path):
            return JSONResponse(document, status)
        return None

    return change


def sign_in_everybody(_method: str, _path: str, headers: MutableHeaders, _body: bytes) -> None:
    headers.setdefault("authorization", f"Bearer {token_for('alice')}")


def lose_the_hash(method: str, path: str, headers: MutableHeaders, body: bytes) -> Response | None:
    del headers["x-amz-content-sha256"]
    return refuse_unhashed(method, path, headers, body)


def no_tools(method: str, path: str, headers: MutableHeaders, _body: bytes) -> Response | None:
    if (method, path) == ("POST", "/mcp") and "authorization" in headers:
        return JSONResponse({"jsonrpc": "2.0", "id": 1, "result": {"tools": []}})
    return None


def serve_the_page(
    method: str, path: str, _headers: MutableHeaders, _body: bytes
) -> Response | None:
    """As an edge does that answers every unknown path with the page."""
    return Response("<title>Taskchat</title>") if path == "/api/session" else None


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer() as model:
        model.script(create_what_is_asked)
        yield model


@pytest.fixture
async def url(database_url: str, model: ModelServer) -> AsyncIterator[str]:
    async with chat_application(app_environment(database_url, model)) as url:
        yield url


async def rows_of_alice(url: str) -> list[object]:
    headers = {"Authorization": f"Bearer {token_for('alice')}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers) as http:
        threads = {"type": "threads.list", "params": {}}
        return [
            *(await http.get("/api/tasks")).json()["tasks"],
            *(await http.post("/api/chatkit", json=threads)).json()["data"],
        ]


async def test_a_good_endpoint_passes_and_is_left_as_it_was(url: str) -> None:
    async with proxy(url, refuse_unhashed) as edge:
        code, output = await smoke(edge, token_for("alice"))

    assert (code, output.count("✓")) == (0, CHECKS), output
    assert await rows_of_alice(url) == []


async def test_three_addresses_serve_a_part_each(url: str) -> None:
    def without_chat_and_tools(
        _method: str, path: str, _headers: MutableHeaders, _body: bytes
    ) -> Response | None:
        return JSONResponse(None, 404) if path in {"/api/chatkit", "/mcp"} else None

    async with (
        proxy(url, without_chat_and_tools) as api,
        proxy(url, answers("GET", "/", 404)) as chat,
        proxy(url, answers("POST", "/api", 404)) as mcp,
    ):
        code, output = await smoke(api, token_for("alice"), chat, mcp)

    assert (code, output.count("✓")) == (0, CHECKS), output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            answers("GET", "/readyz", 503, {"detail": "no database"}),
            r"the service is ready\. GET /readyz answered 503 .*no database.* instead of 200",
            id="not ready",
        ),
        pytest.param(
            sign_in_everybody,
            r"a request without a token is refused\. POST /api/chatkit answered 200 .*"
            r"instead of 401",
            id="open to everybody",
        ),
        pytest.param(
            lose_the_hash,
            r"without a token is refused\. POST /api/chatkit answered 403.*x-amz-content-sha256",
            id="without the body's hash",
        ),
        pytest.param(
            serve_the_page,
            r"GET /api/session answered 200, which has no user and model",
            id="the page in place of the API",
        ),
        pytest.param(
            answers("GET", "/api/tasks", 200, {"tasks": []}),
            r"the task is in the list\. the answer made no task 'Smoke test \w+'",
            id="no task",
        ),
        pytest.param(
            answers("DELETE", "/api/tasks", 500, {}),
            r"the task can be deleted\. DELETE /api/tasks/\w+ answered 500",
            id="no deletion",
        ),
        pytest.param(
            answers("POST", "/api/changes", 409, {"detail": "It was changed since."}),
            r"a change can be undone\. POST /api/changes/\w+/undo answered 409 .*changed since",
            id="no undo",
        ),
        pytest.param(
            answers("POST", "/api/changes", 200, {"tasks": []}),
            r"what was undone is as it was\. the deleted task is not back in the list",
            id="undo of nothing",
        ),
        pytest.param(
            answers("POST", "/mcp", 200, {}),
            r"an MCP client without a token is refused\. POST /mcp answered 200 .*instead of 401",
            id="tools for everybody",
        ),
        pytest.param(
            answers("POST", "/mcp", 401),
            r"the refusal names the metadata\. WWW-Authenticate is '', without resource_metadata",
            id="a refusal that leads nowhere",
        ),
        pytest.param(
            answers("GET", "/.well-known/", 404),
            r"GET /.well-known/oauth-protected-resource answered 404.*, which has no resource",
            id="no metadata",
        ),
        pytest.param(
            answers("GET", "/.well-known/", 200, {"resource": "https://example.com/other"}),
            r"leads to the metadata of the tools\. they are of 'https://example\.com/other'",
            id="metadata of something else",
        ),
        pytest.param(
            no_tools,
            r"the tools are listed\. there are none",
            id="no tools",
        ),
    ],
)
async def test_what_is_broken_is_named(url: str, change: Change, said: str) -> None:
    async with proxy(url, change) as broken:
        code, output = await smoke(broken, token_for("alice"))

    assert code == 1
    assert re.search(rf"✗ .*{said}", output), output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("answer", "said"),
    [(whole, r"it came whole, with Content-Length: \d+"), (at_once, "all its events came at once")],
)
async def test_an_answer_that_does_not_stream_is_named(
    url: str, answer: Callable[[httpx2.Response], Awaitable[Response]], said: str
) -> None:
    async with proxy(url, answer=answer) as buffering:
        code, output = await smoke(buffering, token_for("alice"))

    assert code == 1
    assert re.search(rf"✗ failed: the answer streams\. {said}.* RESPONSE_STREAM", output), output
    assert await rows_of_alice(url) == []


async def test_a_token_that_is_not_accepted_is_named(url: str) -> None:
    code, output = await smoke(url, "wrong")

    assert code == 1
    assert "the token is accepted. GET /api/session answered 401 (X-Request-Id req_" in output


async def test_an_answer_that_fails_is_named(url: str, model: ModelServer) -> None:
    model.script([problem(400)])
    code, output = await smoke(url, token_for("alice"))

    assert code == 1
    assert "failed: the answer has no error. " in output
    assert await rows_of_alice(url) == []


async def test_an_address_where_nobody_listens_is_said() -> None:
    code, output = await smoke("http://127.0.0.1:1", "any")

    assert code == 1
    assert output.startswith("  ✗ ")
