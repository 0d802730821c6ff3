"""The emulated Runtime API refuses what breaks the protocol, and says what became of the answer."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from local.emulator.invocation import FunctionError, Invocation
from local.emulator.runtime_api import PATH, RuntimeApi

HTTP_INTEGRATION = "application/vnd.awslambda.http-integration-response"
STREAMED = {
    "lambda-runtime-function-response-mode": "streaming",
    "content-type": HTTP_INTEGRATION,
}
PRELUDE = b'{"statusCode": 201, "headers": {"X-Name": "value"}, "cookies": ["a=1"]}' + bytes(8)


@asynccontextmanager
async def invoked(
    *, streaming: bool = True
) -> AsyncIterator[tuple[httpx2.AsyncClient, Invocation]]:
    """A runtime that has fetched its event, and the invocation."""
    async with (
        RuntimeApi("arn:aws:lambda:eu-west-1:1:function:tiny") as api,
        httpx2.AsyncClient(base_url=f"http://{api.address}{PATH}") as runtime,
    ):
        invocation = Invocation(b'{"a": 1}', streaming=streaming)
        invocation.deadline_ms = 1234
        api.offer(invocation)
        event = await runtime.get("invocation/next")
        assert event.json() == {"a": 1}
        assert event.headers["lambda-runtime-aws-request-id"] == invocation.request_id
        assert event.headers["lambda-runtime-deadline-ms"] == "1234"
        assert event.headers["lambda-runtime-trace-id"] == invocation.trace_id
        assert event.headers["lambda-runtime-invoked-function-arn"].endswith(":tiny")
        yield runtime, invocation


async def body_of(invocation: Invocation) -> bytes:
    return b"".join([chunk async for chunk in invocation.answer.chunks()])


async def test_a_streamed_answer_is_taken_apart_at_the_nul_bytes() -> None:
    async with invoked() as (runtime, invocation):
        path = f"invocation/{invocation.request_id}/response"
        taken = await runtime.post(path, content=PRELUDE + b"pay\0load", headers=STREAMED)
        head = await invocation.answer.head()

        assert taken.status_code == 202
        assert head.status == 201
        assert ("x-name", "value") in head.headers
        assert ("set-cookie", "a=1") in head.headers
        assert await body_of(invocation) == b"pay\0load"


async def test_a_prelude_may_come_in_pieces() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(PRELUDE), 10):
            yield PRELUDE[start : start + 10]
        yield b"payload"

    async with invoked() as (runtime, invocation):
        path = f"invocation/{invocation.request_id}/response"
        await runtime.post(path, content=pieces(), headers=STREAMED)

        assert (await invocation.answer.head()).status == 201
        assert await body_of(invocation) == b"payload"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{" + b" " * 16_384 + PRELUDE[1:], id="the NUL bytes come after 16 KB"),
        pytest.param(PRELUDE.rstrip(b"\0"), id="there are no NUL bytes"),
        pytest.param(b"nonsense" + bytes(8), id="it is not JSON"),
        pytest.param(b'{"statusCode": 1000}' + bytes(8), id="there is no such status"),
    ],
)
async def test_a_streamed_answer_without_a_proper_prelude_fails(body: bytes) -> None:
    async with invoked() as (runtime, invocation):
        path = f"invocation/{invocation.request_id}/response"
        refused = await runtime.post(path, content=body, headers=STREAMED)

        assert refused.status_code == 400
        with pytest.raises(FunctionError) as raised:
            await invocation.answer.head()
        assert raised.value.kind == "Runtime.InvalidResponse"


async def test_a_streamed_answer_without_its_last_chunk_is_truncated() -> None:
    async with invoked() as (runtime, invocation):
        reader, writer = await asyncio.open_connection(runtime.base_url.host, runtime.base_url.port)
        writer.write(
            f"POST {PATH}invocation/{invocation.request_id}/response HTTP/1.1\r\n"
            "Host: runtime\r\nTransfer-Encoding: chunked\r\n"
            "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
            f"Content-Type: {HTTP_INTEGRATION}\r\n\r\n"
            f"{len(PRELUDE) + 4:x}\r\n".encode()
            + PRELUDE
            + b"half\r\n"
        )
        await writer.drain()

        assert (await invocation.answer.head()).status == 201
        chunks = invocation.answer.chunks()
        assert await anext(chunks) == b"half"
        writer.close()
        with pytest.raises(FunctionError) as raised:
            await anext(chunks)
        assert raised.value.kind == "Runtime.TruncatedResponse"
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
            await writer.wait_closed()


async def test_an_error_in_the_trailers_ends_the_answer_well_and_is_kept() -> None:
    report = base64.b64encode(b'{"errorType": "Broken", "errorMessage": "it broke"}')
    async with invoked() as (runtime, invocation):
        _, writer = await asyncio.open_connection(runtime.base_url.host, runtime.base_url.port)
        writer.write(
            f"POST {PATH}invocation/{invocation.request_id}/response HTTP/1.1\r\n"
            "Host: runtime\r\nTransfer-Encoding: chunked\r\n"
            "Trailer: Lambda-Runtime-Function-Error-Type\r\n"
            "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
            f"Content-Type: {HTTP_INTEGRATION}\r\n\r\n"
            f"{len(PRELUDE) + 4:x}\r\n".encode()
            + PRELUDE
            + b"some\r\n0\r\nLambda-Runtime-Function-Error-Type: Function.Broken\r\n"
            + b"Lambda-Runtime-Function-Error-Body: "
            + report
            + b"\r\n\r\n"
        )

        assert await body_of(invocation) == b"some"
        assert invocation.trailing_error is not None
        assert invocation.trailing_error.kind == "Function.Broken"
        assert str(invocation.trailing_error) == "it broke"
        writer.close()


async def test_a_streamed_answer_is_collected_for_a_caller_that_takes_no_stream() -> None:
    async with invoked(streaming=False) as (runtime, invocation):
        path = f"invocation/{invocation.request_id}/response"
        await runtime.post(path, content=PRELUDE + b"payload", headers=STREAMED)

        assert (await invocation.answer.head()).status == 201
        assert await body_of(invocation) == b"payload"


async def test_an_error_fails_the_invocation_with_its_type() -> None:
    async with invoked() as (runtime, invocation):
        taken = await runtime.post(
            f"invocation/{invocation.request_id}/error",
            json={"errorType": "ValueError", "errorMessage": "no"},
            headers={"lambda-runtime-function-error-type": "Function.ValueError"},
        )

        assert taken.status_code == 202
        with pytest.raises(FunctionError, match="no") as raised:
            await invocation.answer.head()
        assert raised.value.kind == "Function.ValueError"


async def test_a_buffered_answer_over_6_mb_is_refused() -> None:
    async with invoked() as (runtime, invocation):
        path = f"invocation/{invocation.request_id}/response"
        refused = await runtime.post(path, content=bytes(6 * 1024 * 1024 + 101))

        assert refused.status_code == 413
        with pytest.raises(FunctionError) as raised:
            await invocation.answer.head()
        assert raised.value.kind == "Function.ResponseSizeTooLarge"


async def test_only_the_first_answer_to_an_invocation_is_taken() -> None:
    async with invoked() as (runtime, invocation):
        path = f"invocation/{invocation.request_id}/response"
        first = await runtime.post(path, json={"statusCode": 200})
        second = await runtime.post(path, json={"statusCode": 500})
        unknown = await runtime.post("invocation/nobody/response", json={})

        assert [first.status_code, second.status_code, unknown.status_code] == [202, 400, 400]
        assert (await invocation.answer.head()).status == 200
