"""A small HTTP/1.1 server on h11. It serves the Runtime API and the function URLs.

Unlike other servers, it shows each chunk as it arrives, the trailers, and whether a body ended or
broke off. It can also cut a response short.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from http.client import responses
from typing import Self

import h11

Headers = list[tuple[str, str]]
READ_SIZE = 64 * 1024
BODILESS = {204, 304}


class BodyTooLargeError(Exception):
    """The request's body is over the limit."""


class BrokenOffError(Exception):
    """The peer disconnected or broke the protocol in the middle of the exchange."""


class Exchange:
    """One request and its response.

    The handler may read the body. It then either calls `respond`, or `start`, `send` for each chunk
    and `finish`. If it returns before the response is finished, the connection is cut.
    """

    def __init__(
        self,
        connection: h11.Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        request: h11.Request,
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._writer = writer
        self.method = request.method.decode("ascii")
        self.target = request.target.decode("latin-1")
        self.headers: Headers = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers
        ]
        """Names are in lower case."""
        self.trailers: dict[str, str] = {}
        """Set when the body has been read."""
        self._silent = False
        self.client: str = writer.get_extra_info("peername")[0]

    def header(self, name: str, default: str = "") -> str:
        """The first value of the header `name`, given in lower case."""
        return next((value for key, value in self.headers if key == name), default)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives. Raises `BrokenOffError` if it is incomplete."""
        if self._connection.they_are_waiting_for_100_continue:
            await self._write(h11.InformationalResponse(status_code=100, headers=[]))
        while True:
            event = await _next_event(self._connection, self._reader)
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self.trailers = {
                    name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers
                }
                return
            else:
                raise BrokenOffError("the connection was closed")

    async def read(self, limit: int) -> bytes:
        """Return the whole body. Raises `BodyTooLargeError` above `limit` bytes."""
        body = bytearray()
        async for chunk in self.chunks():
            body += chunk
            if len(body) > limit:
                raise BodyTooLargeError
        return bytes(body)

    async def respond(self, status: int, body: bytes, headers: Iterable[tuple[str, str]]) -> None:
        """Send a complete response."""
        length = [] if status in BODILESS else [("content-length", str(len(body)))]
        await self.start(status, [*headers, *length])
        await self.send(body)
        await self.finish()

    async def start(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Send status and headers."""
        self._silent = self.method == "HEAD" or status in BODILESS
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        reason = responses.get(status, "").encode("ascii")
        await self._write(h11.Response(status_code=status, headers=encoded, reason=reason))

    async def send(self, data: bytes) -> None:
        """Send a part of the body immediately, if this response may have a body.

        Raises `BrokenOffError` if the client has disconnected.
        """
        if data and not self._silent:
            await self._write(h11.Data(data=data))

    async def finish(self) -> None:
        """End the body."""
        await self._write(h11.EndOfMessage())

    async def _write(self, event: h11.Event) -> None:
        data = self._connection.send(event)
        if data:
            try:
                self._writer.write(data)
                await self._writer.drain()
            except ConnectionError as error:
                raise BrokenOffError("the client went away") from error


async def _next_event(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> h11.Event | type[h11.PAUSED] | type[h11.NEED_DATA]:
    while True:
        try:
            event = connection.next_event()
            if isinstance(event, h11.Event) or event is h11.PAUSED:
                return event
            connection.receive_data(await reader.read(READ_SIZE))
        except (h11.RemoteProtocolError, ConnectionError) as error:
            raise BrokenOffError(str(error)) from error


class HttpServer:
    """An async context manager that serves `handler` on a loopback port."""

    def __init__(self, handler: Callable[[Exchange], Awaitable[None]], *, port: int = 0) -> None:
        self._handler = handler
        self._port = port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.address = ""
        """`host:port`, set on entry."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        host, port = self._server.sockets[0].getsockname()
        self.address = f"{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._exchanges(reader, writer)
        except asyncio.CancelledError:
            pass  # the server is being closed
        finally:
            self._connections.discard(task)
            writer.close()

    async def _exchanges(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=READ_SIZE)
        while True:
            try:
                request = await _next_event(connection, reader)
            except BrokenOffError:
                return
            if not isinstance(request, h11.Request):
                return
            exchange = Exchange(connection, reader, writer, request)
            with contextlib.suppress(BrokenOffError):
                await self._handler(exchange)
                if connection.our_state is h11.DONE and connection.their_state is h11.SEND_BODY:
                    async for _ in exchange.chunks():
                        pass  # discard the body that the handler did not read
            if (connection.our_state, connection.their_state) != (h11.DONE, h11.DONE):
                return
            connection.start_next_cycle()
