"""`Handler` in the managed runtime: whole responses, errors raised, the deadline kept."""

import asyncio
import base64
import contextlib
import logging
from dataclasses import dataclass
from typing import Any, cast

import pytest

from lambda_streaming import Handler, LambdaContext
from lambda_streaming.asgi import Application, Receive, Scope, Send
from lambda_streaming.errors import (
    DeadlineExceededError,
    NoResponseError,
    UnsupportedEventError,
)
from tests.support.lambda_runtime import function_url_event


@dataclass
class Context:
    """What the managed runtime gives, as far as it is used."""

    milliseconds: int = 5_000
    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def serve(application: Application, event: Any = None, *, milliseconds: int = 5_000) -> Any:
    with contextlib.closing(Handler(lambda: application)) as handler:
        event = event or function_url_event("/")
        return handler(event, cast("LambdaContext", Context(milliseconds)))


async def start(send: Send, status: int = 200) -> None:
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def two_chunks(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await start(send, 201)
        await send({"type": "http.response.body", "body": b"one ", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})


def body_of(response: Any) -> bytes:
    body = response["body"]
    return base64.b64decode(body) if response["isBase64Encoded"] else body.encode()


def test_without_arguments_it_gives_the_application() -> None:
    assert Handler(lambda: two_chunks)() is two_chunks


def test_with_an_event_it_gives_the_whole_response(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        response = serve(two_chunks)

    assert response["statusCode"] == 201
    assert body_of(response) == b"one two"
    assert "AWS_LAMBDA_EXEC_WRAPPER" in caplog.text


def test_work_beyond_the_response_ends_before_the_environment_freezes() -> None:
    ended = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":

            async def work() -> None:
                await asyncio.sleep(0.05)
                ended.append("work")

            scope["aws.wait_until"](work())
            await two_chunks(scope, receive, send)

    serve(application)

    assert ended == ["work"]


def test_what_the_application_raises_reaches_lambda() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            raise ZeroDivisionError

    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        pass

    with pytest.raises(ZeroDivisionError):
        serve(broken)
    with pytest.raises(NoResponseError):
        serve(silent)


def test_an_event_that_is_no_request_is_refused() -> None:
    with pytest.raises(UnsupportedEventError):
        serve(two_chunks, {"Records": []})


def test_the_deadline_ends_an_application_that_does_not() -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await start(send)
            await asyncio.Event().wait()

    with pytest.raises(DeadlineExceededError):
        serve(endless, milliseconds=100)
