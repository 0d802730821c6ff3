"""A client that does little more than record when bytes arrive, so that it measures the server."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import h11


@dataclass
class Exchange:
    """One request and its response. Times are `time.monotonic()`, in seconds."""

    sent: float
    """Taken right before the whole request is written."""
    first_byte: float = 0.0
    ended: float = 0.0
    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    """The server-sent events, each with the time at which its last byte arrived."""

    def when(self, mark: str) -> float:
        """When the first event with `mark` in its JSON arrived."""
        for at, event in self.events:
            if mark in json.dumps(event):
                return at
        raise RuntimeError(f"{mark} never came: {self.events}")


@dataclass
class Connection:
    """One keep-alive connection, as a browser has it. Sends one request at a time."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    headers: dict[str, str]
    http: h11.Connection = field(default_factory=lambda: h11.Connection(h11.CLIENT))

    async def exchange(self, method: str, path: str, body: bytes = b"") -> Exchange:
        """Send one request and read its whole response, which must be a success."""
        headers = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **self.headers}
        request = h11.Request(method=method, target=path, headers=list(headers.items()))
        written = (self.http.send(request) or b"") + (self.http.send(h11.Data(data=body)) or b"")
        self.http.send(h11.EndOfMessage())
        exchange = Exchange(sent=time.monotonic())
        self.writer.write(written)
        await self._read(exchange)
        self.http.start_next_cycle()
        return exchange

    async def _read(self, exchange: Exchange) -> None:
        unread = b""
        while not exchange.ended:
            data, now = await self.reader.read(65_536), time.monotonic()
            exchange.first_byte = exchange.first_byte or now
            self.http.receive_data(data)
            while (happened := self.http.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(happened, h11.Response) and happened.status_code != 200:
                    raise RuntimeError(f"the server answered {happened}")
                if isinstance(happened, h11.Data):
                    *whole, unread = (unread + happened.data).split(b"\n\n")
                    exchange.events += [
                        (now, json.loads(event.removeprefix(b"data: "))) for event in whole
                    ]
                elif isinstance(happened, h11.EndOfMessage):
                    exchange.ended = now


@asynccontextmanager
async def connect(port: int, headers: dict[str, str]) -> AsyncIterator[Connection]:
    """A connection to a server on this machine. `headers` are sent with each request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Connection(reader, writer, headers)
    finally:
        writer.close()
