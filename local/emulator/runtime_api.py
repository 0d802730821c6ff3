"""The Runtime API (version 2018-06-01) of one execution environment."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Self

from pydantic import BaseModel, ValidationError

from local.emulator.answers import (
    PRELUDE_LIMIT,
    SEPARATOR,
    InvalidAnswerError,
    parse_prelude,
    parse_proxy_response,
)
from local.emulator.http_server import BodyTooLargeError, BrokenOffError, Exchange, HttpServer
from local.emulator.invocation import FunctionError, Head, Invocation

PATH = "/2018-06-01/runtime/"
BUFFERED_LIMIT = 6 * 1024 * 1024 + 100
STREAMED_LIMIT = 200 * 1024 * 1024
HTTP_INTEGRATION = "application/vnd.awslambda.http-integration-response"
ERROR_TYPE = "lambda-runtime-function-error-type"
ERROR_BODY = "lambda-runtime-function-error-body"


class _ErrorReport(BaseModel):
    errorType: str = "Unhandled"
    errorMessage: str = ""


class RuntimeApi:
    """Passes invocations to the runtime of one environment and receives its answers.

    An async context manager; on entry it starts to listen on `address`.
    """

    def __init__(self, arn: str) -> None:
        self._arn = arn
        self._server = HttpServer(self._handle)
        self._pending: asyncio.Queue[Invocation] = asyncio.Queue()
        self._in_progress: dict[str, Invocation] = {}
        self.polled = asyncio.Event()
        """Set each time the runtime asks for an event; the first time means that it is ready."""
        self.snapshot = asyncio.Event()
        """Set when the runtime is ready for SnapStart's snapshot."""
        self.restore = asyncio.Event()
        """Set by the caller to let the runtime continue as if restored from the snapshot."""
        self.init_error: FunctionError | None = None
        """The error with which the runtime reported a failed start, if any."""

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.__aexit__()

    @property
    def address(self) -> str:
        """The value of AWS_LAMBDA_RUNTIME_API."""
        return self._server.address

    def offer(self, invocation: Invocation) -> None:
        """Give the invocation to the next call of `/next`."""
        self._in_progress[invocation.request_id] = invocation
        self._pending.put_nowait(invocation)

    def withdraw(self, invocation: Invocation) -> None:
        """Forget a finished invocation."""
        self._in_progress.pop(invocation.request_id, None)

    async def _handle(self, exchange: Exchange) -> None:
        match exchange.method, exchange.target.removeprefix(PATH).split("/"):
            case "GET", ["invocation", "next"]:
                await self._next(exchange)
            case "GET", ["restore", "next"]:
                self.snapshot.set()
                await self.restore.wait()
                await exchange.respond(200, b"", [])
            case "POST", ["init" | "restore", "error"]:
                self.init_error = _read_error(exchange, await exchange.read(BUFFERED_LIMIT))
                await _accept(exchange)
            case "POST", ["invocation", request_id, "response" | "error" as kind]:
                invocation = self._in_progress.get(request_id)
                if invocation is None or invocation.answer.ended.is_set():
                    await _refuse(exchange, 400, "InvalidRequestID", "Invalid request ID")
                elif kind == "error":
                    await self._fail(exchange, invocation)
                elif exchange.header("lambda-runtime-function-response-mode") == "streaming":
                    await self._stream(exchange, invocation)
                else:
                    await self._buffered(exchange, invocation)
            case _:
                await _refuse(exchange, 404, "NotFound", f"{exchange.method} {exchange.target}")

    async def _next(self, exchange: Exchange) -> None:
        self.polled.set()
        invocation = await self._pending.get()
        headers = [
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", invocation.request_id),
            ("lambda-runtime-deadline-ms", str(invocation.deadline_ms)),
            ("lambda-runtime-invoked-function-arn", self._arn),
            ("lambda-runtime-trace-id", invocation.trace_id),
            ("date", time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())),
        ]
        await exchange.respond(200, invocation.event, headers)

    async def _fail(self, exchange: Exchange, invocation: Invocation) -> None:
        await invocation.answer.end(_read_error(exchange, await exchange.read(BUFFERED_LIMIT)))
        await _accept(exchange)

    async def _buffered(self, exchange: Exchange, invocation: Invocation) -> None:
        answer = invocation.answer
        try:
            body = await exchange.read(BUFFERED_LIMIT)
            if invocation.http:
                head, payload = parse_proxy_response(body)
            else:
                head, payload = Head(200, [("content-type", "application/json")]), body
        except BodyTooLargeError:
            kind, message = "Function.ResponseSizeTooLarge", f"over {BUFFERED_LIMIT} bytes"
            await answer.end(FunctionError(kind, message))
            await _refuse(exchange, 413, kind, message)
            return
        except BrokenOffError as error:
            await answer.end(FunctionError("Runtime.TruncatedResponse", str(error)))
            raise
        except InvalidAnswerError as error:
            await answer.end(FunctionError("Runtime.InvalidResponse", str(error)))
        else:
            answer.start(head)
            await answer.send(payload)
            await answer.end()
        await _accept(exchange)

    async def _stream(self, exchange: Exchange, invocation: Invocation) -> None:
        answer = invocation.answer
        payload = _limited(exchange.chunks())
        try:
            if exchange.header("content-type") == HTTP_INTEGRATION:
                head, first = await _read_prelude(payload)
            else:
                head, first = Head(200, [("content-type", "application/octet-stream")]), b""
            if invocation.streaming:
                answer.start(head)
                await answer.send(first)
                async for chunk in payload:
                    await answer.send(chunk)
            else:
                collected = first + b"".join([chunk async for chunk in payload])
                answer.start(head)
                await answer.send(collected)
        except BrokenOffError as error:
            await answer.end(FunctionError("Runtime.TruncatedResponse", str(error)))
            raise
        except BodyTooLargeError:
            kind, message = "Function.ResponseSizeTooLarge", f"over {STREAMED_LIMIT} bytes"
            await answer.end(FunctionError(kind, message))
            await _refuse(exchange, 413, kind, message)
            return
        except InvalidAnswerError as error:
            await answer.end(FunctionError("Runtime.InvalidResponse", str(error)))
            await _refuse(exchange, 400, "InvalidResponse", str(error))
            return
        # Callers of a function URL do not see the trailers; for them the body simply ends.
        if ERROR_TYPE in exchange.trailers:
            invocation.trailing_error = _read_trailers(exchange.trailers)
        await answer.end()
        await _accept(exchange)


async def _limited(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > STREAMED_LIMIT:
            raise BodyTooLargeError
        yield chunk


async def _read_prelude(chunks: AsyncIterator[bytes]) -> tuple[Head, bytes]:
    """Return the head, and the part of the payload that arrived with it."""
    received = b""
    async for chunk in chunks:
        received += chunk
        prelude, separator, payload = received[:PRELUDE_LIMIT].partition(SEPARATOR)
        if separator:
            return parse_prelude(prelude), payload + received[PRELUDE_LIMIT:]
        if len(received) >= PRELUDE_LIMIT:
            break
    raise InvalidAnswerError("no eight NUL bytes after the prelude in the first 16 KB")


def _read_error(exchange: Exchange, body: bytes) -> FunctionError:
    try:
        report = _ErrorReport.model_validate_json(body)
    except ValidationError:
        report = _ErrorReport()
    return FunctionError(exchange.header(ERROR_TYPE) or report.errorType, report.errorMessage)


def _read_trailers(trailers: dict[str, str]) -> FunctionError:
    try:
        body = base64.b64decode(trailers.get(ERROR_BODY, ""), validate=True)
        report = _ErrorReport.model_validate_json(body)
    except ValueError:
        report = _ErrorReport()
    return FunctionError(trailers[ERROR_TYPE], report.errorMessage)


async def _accept(exchange: Exchange) -> None:
    await _reply(exchange, 202, {"status": "OK"})


async def _refuse(exchange: Exchange, status: int, kind: str, message: str) -> None:
    await _reply(exchange, status, {"errorType": kind, "errorMessage": message})


async def _reply(exchange: Exchange, status: int, document: dict[str, str]) -> None:
    body = json.dumps(document).encode()
    await exchange.respond(status, body, [("content-type", "application/json")])
