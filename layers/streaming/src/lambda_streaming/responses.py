"""The two ways to send a response to the Runtime API: streamed, or as a whole."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Protocol

from lambda_streaming.connection import Connection, ConnectionLostError
from lambda_streaming.errors import ErrorReport, ResponseRefusedError, RuntimeApiError
from lambda_streaming.events import HttpRequest
from lambda_streaming.http1 import LAST_CHUNK, Response, chunk, last_chunk
from lambda_streaming.prelude import CONTENT_TYPE, Headers, check_headers, render_prelude
from lambda_streaming.runtime_client import (
    ERROR_BODY_TRAILER,
    ERROR_TYPE_HEADER,
    Invocation,
    RuntimeClient,
)

# An empty streamed body makes Function URLs hang or lose the status. A newline is white space in
# every text format, and HTTP servers strip it where a body is not allowed (204, 304, HEAD).
_EMPTY_BODY = b"\n"

_STREAMING_HEADERS = {
    "Content-Type": CONTENT_TYPE,
    "Lambda-Runtime-Function-Response-Mode": "streaming",
    "Transfer-Encoding": "chunked",
    "Trailer": f"{ERROR_TYPE_HEADER}, {ERROR_BODY_TRAILER}",
}


class ResponseCollector(Protocol):
    """Receives one response: start, then any number of writes, then finish or fail."""

    @property
    def begun(self) -> bool:
        """Whether part of it has been sent, so that an error can only end it early."""

    def start(self, status: int, headers: Headers) -> None:
        """Hold status and headers until the first payload. Raises ``InvalidResponseError``."""

    async def write(self, data: bytes) -> None:
        """Send payload; waits for a slow receiver. Raises ``ResponseRefusedError``."""

    async def finish(self, data: bytes) -> None:
        """Send the last payload, which may be empty. Raises ``ResponseRefusedError``."""

    async def fail(self, report: ErrorReport) -> None:
        """End a response that has begun with an error."""


class ResponseWriter(ResponseCollector, Protocol):
    """Receives a response and sends it to the Runtime API."""

    async def acknowledged(self) -> Response:
        """The Runtime API's answer. Raises ``RuntimeApiError`` if there is none."""


class StreamedResponse:
    """Sends each payload at once, as a chunk; the prelude goes with the first."""

    def __init__(
        self,
        client: RuntimeClient,
        invocation: Invocation,
        on_refused: Callable[[], None],
    ) -> None:
        self._client = client
        self._invocation = invocation
        self._on_refused = on_refused
        self._prelude = b""
        self._connection: Connection | None = None
        self._answer: asyncio.Future[Response] | None = None
        self._beginning = asyncio.Lock()
        self._ended = False

    @property
    def begun(self) -> bool:
        return self._answer is not None

    def start(self, status: int, headers: Headers) -> None:
        self._prelude = render_prelude(status, headers)

    async def write(self, data: bytes) -> None:
        if data:  # an empty chunk would end the body
            await self._send(data, b"")

    async def finish(self, data: bytes) -> None:
        self._ended = True
        if not data and not self.begun:
            data = _EMPTY_BODY
        await self._send(data, LAST_CHUNK)

    async def fail(self, report: ErrorReport) -> None:
        self._ended = True
        trailers = {
            ERROR_TYPE_HEADER: report.name.encode(),
            ERROR_BODY_TRAILER: report.as_trailer(),
        }
        await self._send(b"", last_chunk(trailers))

    async def acknowledged(self) -> Response:
        if self._answer is None:
            message = "the response could not be sent"
            raise ConnectionLostError(message)
        return await self._answer

    async def _send(self, data: bytes, end: bytes) -> None:
        if self._connection is None or self._answer is None:
            connection = await self._begin(data, end)
        elif self._answer.done():
            message = "the Runtime API takes no more of the response"
            raise ResponseRefusedError(message)
        else:
            connection = self._connection
            connection.write(chunk(data) + end if data else end)
        if connection.paused:
            await connection.drain()

    async def _begin(self, data: bytes, end: bytes) -> Connection:
        # The application's tasks may send concurrently, and reconnecting takes a while. Only one of
        # them may send the prelude.
        async with self._beginning:
            if self._connection is not None and self._answer is not None:
                self._connection.write(chunk(data) + end)
                return self._connection
            try:
                self._connection = await self._client.connection()
            except RuntimeApiError as error:
                raise ResponseRefusedError(str(error)) from error
            head = self._client.answer_head(self._invocation, "response", _STREAMING_HEADERS)
            self._answer = self._connection.send_request(head + chunk(self._prelude + data) + end)
            if not self._ended:
                self._answer.add_done_callback(self._answered)
            return self._connection

    def _answered(self, _: asyncio.Future[Response]) -> None:
        if not self._ended and self._connection is not None:
            # The answer came before the request's end: the rest must not be read as a new request.
            self._connection.close()
            self._on_refused()


class WholeResponse:
    """Collects the response into the JSON document of a proxy integration."""

    begun = False

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._status = 200
        self._headers: Headers = []
        self._body = bytearray()

    def start(self, status: int, headers: Headers) -> None:
        self._status = status
        self._headers = check_headers(status, headers)
        self._body.clear()

    async def write(self, data: bytes) -> None:
        self._body += data

    async def finish(self, data: bytes) -> None:
        self._body += data

    async def fail(self, _: ErrorReport) -> None:
        """The status shows the failure; this document has no field for the report."""

    def document(self) -> dict[str, Any]:
        """Return the response in the format that the event's sender expects."""
        return self._request.proxy_response(self._status, self._headers, bytes(self._body))


class BufferedResponse(WholeResponse):
    """Sends the whole response to the Runtime API.

    Used for ``sam local``, whose emulator would print the prelude and NUL bytes of a stream.
    """

    def __init__(self, client: RuntimeClient, invocation: Invocation, request: HttpRequest) -> None:
        super().__init__(request)
        self._client = client
        self._invocation = invocation

    async def acknowledged(self) -> Response:
        return await self._client.post_response(
            self._invocation, json.dumps(self.document()).encode()
        )
