"""What surrounds every request, around an app that misbehaves on demand, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from taskchat.errors import (
    DatabaseUnavailableError,
    InvalidFieldsError,
    MessageLimitError,
    NotFoundError,
    StillAnsweringError,
    TaskchatError,
    UnauthenticatedError,
)
from taskchat.web import install_web
from taskchat.web.middleware import MAX_BODY_BYTES
from taskchat.web.request_id import current_request_id
from tests.support.http_server import serve
from tests.support.problems import assert_problem

ERRORS: dict[str, Exception] = {
    "unexpected": RuntimeError("the password is hunter2"),
    "not-found": NotFoundError("There is no such task."),
    "unauthenticated": UnauthenticatedError("The token has expired."),
    "fields": InvalidFieldsError({"title": "must not be empty"}),
    "limit": MessageLimitError(
        "Enough.", resets_at=datetime(2030, 5, 31, 12, tzinfo=UTC), retry_after=23
    ),
    "busy": StillAnsweringError("Still answering."),
    "away": DatabaseUnavailableError("The database cannot be reached right now."),
    "teapot": HTTPException(418, "short and stout"),
}


async def fail(request: Request) -> Response:
    raise ERRORS[request.path_params["error"]]


async def echo_size(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def ignore_body(_request: Request) -> Response:
    return PlainTextResponse("ok", headers={"Cache-Control": "max-age=60"})


async def show_request_id(_request: Request) -> Response:
    return JSONResponse(current_request_id())


async def break_off(_request: Request) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"one"
        raise RuntimeError("after the start")

    return StreamingResponse(chunks())


async def stream(request: Request) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"data: one\n\n"
        await request.app.state.release.wait()
        yield b"data: two\n\n"

    return StreamingResponse(chunks(), media_type="text/event-stream")


@pytest.fixture
async def app() -> Starlette:
    app = Starlette(
        routes=[
            Route("/fail/{error}", fail),
            Route("/size", echo_size, methods=["POST"]),
            Route("/size", show_request_id, methods=["GET"]),
            Route("/ignore", ignore_body, methods=["GET", "POST"]),
            Route("/id", show_request_id),
            Route("/break-off", break_off),
            Route("/stream", stream),
        ]
    )
    app.state.release = asyncio.Event()
    install_web(app)
    return app


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with serve(app) as url, httpx2.AsyncClient(base_url=url, timeout=10) as client:
        yield client


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        ("not-found", 404, "not-found"),
        ("unauthenticated", 401, "unauthenticated"),
        ("fields", 422, "invalid-fields"),
        ("limit", 429, "message-limit"),
        ("busy", 409, "still-answering"),
        ("away", 503, "database-unavailable"),
        ("teapot", 418, "i-m-a-teapot"),
    ],
)
async def test_every_error_becomes_a_problem(
    client: httpx2.AsyncClient, error: str, status: int, code: str
) -> None:
    problem = assert_problem(await client.get(f"/fail/{error}"), status, code)
    if isinstance(ERRORS[error], TaskchatError):
        assert problem["detail"] == problem["message"] == str(ERRORS[error])


async def test_a_missing_token_asks_for_one(client: httpx2.AsyncClient) -> None:
    response = await client.get("/fail/unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_values_at_fault_are_named(client: httpx2.AsyncClient) -> None:
    response = await client.get("/fail/fields")
    assert response.json()["fields"] == {"title": "must not be empty"}


async def test_a_limit_tells_when_it_resets(client: httpx2.AsyncClient) -> None:
    response = await client.get("/fail/limit")
    assert response.headers["retry-after"] == "23"
    assert response.json()["resets_at"] == "2030-05-31T12:00:00+00:00"


@pytest.mark.parametrize(("error", "seconds"), [("busy", "2"), ("away", "5")])
async def test_what_passes_tells_when_to_try_again(
    client: httpx2.AsyncClient, error: str, seconds: str
) -> None:
    assert (await client.get(f"/fail/{error}")).headers["retry-after"] == seconds


async def test_an_unexpected_error_is_logged_and_not_shown(
    client: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = await client.get("/fail/unexpected")
    assert_problem(response, 500, "internal-error")
    assert "hunter2" not in response.text
    assert "hunter2" in caplog.text
    assert (await client.get("/ignore")).status_code == 200


async def test_an_error_after_the_start_breaks_the_response_off(
    client: httpx2.AsyncClient,
) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        await client.get("/break-off")
    assert (await client.get("/ignore")).status_code == 200


async def test_an_unknown_address_is_a_problem(client: httpx2.AsyncClient) -> None:
    assert_problem(await client.get("/nowhere"), 404, "not-found")


async def test_a_wrong_method_is_told_all_that_are_right(client: httpx2.AsyncClient) -> None:
    response = await client.put("/size")
    assert_problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_options_names_the_methods(client: httpx2.AsyncClient) -> None:
    response = await client.options("/ignore", headers={"Origin": "https://elsewhere.example"})
    assert response.status_code == 204
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/ignore", "/nowhere", "/fail/unexpected", "/fail/limit"])
async def test_every_response_has_the_headers(client: httpx2.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.headers["x-request-id"].startswith("req_")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == ("max-age=60" if path == "/ignore" else "no-store")


async def test_the_client_may_name_its_request(client: httpx2.AsyncClient) -> None:
    response = await client.get("/id", headers={"X-Request-Id": "trace-1.2_3"})
    assert response.headers["x-request-id"] == response.json() == "trace-1.2_3"


@pytest.mark.parametrize("offered", ["", "a b", "x" * 129, "a\tb", "ü"])
async def test_but_not_by_any_name(client: httpx2.AsyncClient, offered: str) -> None:
    response = await client.get("/id", headers=[(b"X-Request-Id", offered.encode("latin-1"))])
    assert response.headers["x-request-id"].startswith("req_")


async def test_concurrent_requests_keep_their_own_ids(client: httpx2.AsyncClient) -> None:
    names = [f"request-{number}" for number in range(20)]
    responses = await asyncio.gather(
        *(client.get("/id", headers={"X-Request-Id": name}) for name in names)
    )
    assert [response.json() for response in responses] == names


async def pieces(total: int) -> AsyncIterator[bytes]:
    for start in range(0, total, 100_000):
        yield b"x" * min(100_000, total - start)


async def test_a_body_of_the_largest_size_passes(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/size", content=b"x" * MAX_BODY_BYTES)).text == "1000000"
    assert (await client.post("/size", content=pieces(MAX_BODY_BYTES))).text == "1000000"


@pytest.mark.parametrize("path", ["/size", "/ignore"])
async def test_a_declared_length_over_the_limit_is_refused(
    client: httpx2.AsyncClient, path: str
) -> None:
    response = await client.post(path, content=b"x" * (2 * MAX_BODY_BYTES))
    assert_problem(response, 413, "payload-too-large")
    assert (await client.get("/ignore")).status_code == 200


async def test_a_body_that_turns_out_too_large_is_refused(client: httpx2.AsyncClient) -> None:
    response = await client.post("/size", content=pieces(2 * MAX_BODY_BYTES))
    assert_problem(response, 413, "payload-too-large")
    assert (await client.get("/ignore")).status_code == 200


async def test_a_stream_leaves_piece_by_piece(app: Starlette, client: httpx2.AsyncClient) -> None:
    async with client.stream("GET", "/stream") as response:
        arriving = response.aiter_raw()
        assert await anext(arriving) == b"data: one\n\n"
        app.state.release.set()
        assert await anext(arriving) == b"data: two\n\n"
