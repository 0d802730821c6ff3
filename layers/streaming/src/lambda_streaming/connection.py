"""A keep-alive connection to the Runtime API: one exchange at a time."""

import asyncio
from typing import cast, override

from lambda_streaming.errors import RuntimeApiError
from lambda_streaming.http1 import Response, ResponseParser

_INBOX_BYTES = 1 << 16


class ConnectionLostError(RuntimeApiError):
    """The connection ended, or could not be made, before the response was whole."""


class Connection(asyncio.BufferedProtocol):
    """Writes requests and reads their responses.

    It reads into its own buffer. For asyncio's other protocols, every read allocates a new buffer
    of 256 KB, which costs more than the rest of reading.

    After ``send_request``, more of the request may be written with ``write``, paced by ``drain``.
    If the server refuses the request, its response may be done before the request is complete.
    """

    def __init__(self) -> None:
        self._parser = ResponseParser()
        self._inbox = memoryview(bytearray(_INBOX_BYTES))
        self._transport: asyncio.Transport | None = None
        self._response: asyncio.Future[Response] | None = None
        self._writable: asyncio.Future[None] | None = None

    @classmethod
    async def open(cls, host: str, port: int) -> "Connection":
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(cls, host, port)
        except OSError as error:
            message = f"no connection to the Runtime API at {host}:{port}: {error}"
            raise ConnectionLostError(message) from error
        return connection

    @property
    def closed(self) -> bool:
        return self._transport is None

    @property
    def paused(self) -> bool:
        """Whether the write buffer is full, so that ``drain`` would wait."""
        return self._writable is not None

    def send_request(self, data: bytes) -> asyncio.Future[Response]:
        """Begin a request. The future returns its response or raises ``ConnectionLostError``."""
        self._parser = ResponseParser()
        self._response = asyncio.get_running_loop().create_future()
        if self._transport is None:
            self._fail(ConnectionLostError("the connection to the Runtime API is closed"))
        else:
            self._transport.write(data)
        return self._response

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    async def drain(self) -> None:
        """Wait until the transport accepts more data or the connection is lost."""
        if self._writable is not None:
            await asyncio.shield(self._writable)

    def close(self) -> None:
        """Close the connection and abandon a request in progress."""
        if self._transport is not None:
            self._transport.abort()
            self.connection_lost(None)

    # Called by the transport.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @override
    def get_buffer(self, sizehint: int) -> memoryview:
        return self._inbox

    def buffer_updated(self, nbytes: int) -> None:
        if self._response is None or self._response.done():
            self.close()
            return
        try:
            response = self._parser.feed(self._inbox[:nbytes])
        except RuntimeApiError as error:
            self._fail(error)
            self.close()
            return
        if response is not None:
            self._response.set_result(response)
            if response.closes:
                self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._fail(
            ConnectionLostError(f"the connection to the Runtime API was lost: {exc or 'closed'}")
        )
        self.resume_writing()

    def pause_writing(self) -> None:
        if self._writable is None:
            self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._writable is not None:
            self._writable.set_result(None)
            self._writable = None

    def _fail(self, error: RuntimeApiError) -> None:
        if self._response is not None and not self._response.done():
            self._response.set_exception(error)
            self._response.exception()  # or asyncio would log it if nobody awaits the response
