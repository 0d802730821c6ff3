"""The clients: a lean Runtime API and a lean HTTP client, which must be faster than the servers.

Both send the same number of requests, with the same number in flight. For each request they record
the time from sending it to the first and the last byte of the response.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.support.lambda_runtime import function_url_event

_END = b"0\r\n\r\n"


@dataclass
class Load:
    """``count`` requests to the application at ``path``. Times are in seconds."""

    path: str
    count: int
    first: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0
    done: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0

    def ask(self) -> float | None:
        """The time at which the next request is sent, or None if all have been sent."""
        if self.asked == self.count:
            return None
        self.asked += 1
        now = time.perf_counter()
        if not self.began:
            self.began = now
        return now

    def answered(self, sent: float, first: float) -> None:
        now = time.perf_counter()
        self.first.append(first - sent)
        self.last.append(now - sent)
        if len(self.last) == self.count:
            self.ended = now
            self.done.set()

    @property
    def per_second(self) -> float:
        return self.count / (self.ended - self.began)


class LeanRuntimeApi:
    """Gives the events of one load after the other to the process that polls."""

    def __init__(self) -> None:
        self.load: Load | None = None
        self.polled = asyncio.Event()
        self._idle: list[Callable[[], None]] = []

    async def start(self) -> str:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _ApiConnection(self), "127.0.0.1", 0)
        return f"127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def run(self, load: Load) -> Load:
        await self.polled.wait()
        self.load = load
        waiting, self._idle = self._idle, []
        for hand_out in waiting:
            hand_out()
        await load.done.wait()
        self.load = None
        return load

    def wait(self, hand_out: Callable[[], None]) -> None:
        self._idle.append(hand_out)
        self.polled.set()


class _ApiConnection(asyncio.Protocol):
    def __init__(self, api: LeanRuntimeApi) -> None:
        self._api = api
        self._buffer = b""
        self._path = ""
        self._event = b""
        self._load: Load | None = None
        self._sent = self._first = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._buffer.startswith(b"GET"):
            if self._buffer.endswith(b"\r\n\r\n"):
                self._buffer = b""
                self._hand_out()
            return
        if not self._first:
            self._first = time.perf_counter()
        if self._whole():
            if self._load is not None:
                self._load.answered(self._sent, self._first)
            self._buffer, self._first = b"", 0.0
            self._transport.write(
                b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n"
                b'Content-Length: 16\r\n\r\n{"status":"OK"}\n'
            )

    def _whole(self) -> bool:
        if b"\r\nTransfer-Encoding: chunked" in self._buffer:
            return self._buffer.endswith(_END)
        head, _, body = self._buffer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return bool(length) and len(body) == int(length)

    def _hand_out(self) -> None:
        load = self._api.load
        sent = None if load is None else load.ask()
        if load is None or sent is None:
            self._api.wait(self._hand_out)
            return
        if self._path != load.path:
            self._path = load.path
            self._event = json.dumps(
                function_url_event(load.path, method="POST", body='{"type":"threads.create"}')
            ).encode()
        self._load, self._sent = load, sent
        deadline = int((time.time() + 60) * 1000)
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
            b"Lambda-Runtime-Deadline-Ms: %d\r\n"
            b"Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:1:function:f\r\n"
            b"Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (deadline, len(self._event), self._event)
        )


async def ask_over_http(port: int, load: Load, at_once: int) -> Load:
    """Send a load as plain HTTP requests over keep-alive connections."""
    loop = asyncio.get_running_loop()
    connections = []
    for _ in range(at_once):
        transport, _ = await loop.create_connection(
            lambda: _ClientConnection(load), "127.0.0.1", port
        )
        connections.append(transport)
    await load.done.wait()
    for transport in connections:
        transport.close()
    return load


class _ClientConnection(asyncio.Protocol):
    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._sent = self._first = 0.0
        self._request = (
            f"POST {load.path} HTTP/1.1\r\nHost: abcdefg.lambda-url.eu-west-1.on.aws\r\n"
            "X-Forwarded-Proto: https\r\nContent-Type: application/json\r\n"
            'Content-Length: 25\r\n\r\n{"type":"threads.create"}'
        ).encode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        if not self._first:
            self._first = time.perf_counter()
        self._buffer = data if len(data) >= len(_END) else self._buffer[-len(_END) :] + data
        if self._buffer.endswith(_END):
            self._load.answered(self._sent, self._first)
            self._first = 0.0
            self._ask()

    def _ask(self) -> None:
        sent = self._load.ask()
        if sent is not None:
            self._sent = sent
            self._transport.write(self._request)
