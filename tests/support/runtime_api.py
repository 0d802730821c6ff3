"""A scripted Runtime API on loopback.

It sends the events that a test offers and parses the answers byte by byte with its own parser. It
keeps every request with the times at which its pieces arrived. Protocol errors are collected in
``violations``, which must be empty when the API closes.
"""

import asyncio
import base64
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

VERSION = "/2018-06-01/runtime"
_CHUNK_SIZE = re.compile(rb"[1-9a-f][0-9a-f]*")


@dataclass
class Piece:
    """Payload bytes of one chunk, and when it was complete (seconds, monotonic)."""

    data: bytes
    at: float


@dataclass
class Request:
    """A received request."""

    connection: int
    method: str
    path: str
    headers: dict[str, str]
    """By name, in the case in which it was sent."""
    raw: bytearray
    started: float
    pieces: list[Piece] = field(default_factory=list)
    trailers: dict[str, str] = field(default_factory=dict)
    whole: bool = False
    """Whether it is complete."""
    ended: float = 0.0

    @property
    def body(self) -> bytes:
        return b"".join(piece.data for piece in self.pieces)

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def prelude(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body.partition(b"\0" * 8)[0])
        return document

    @property
    def payload(self) -> bytes:
        return self.body.partition(b"\0" * 8)[2]

    @property
    def trailing_error(self) -> dict[str, Any]:
        body = self.trailers["Lambda-Runtime-Function-Error-Body"]
        report: dict[str, Any] = json.loads(base64.b64decode(body, validate=True))
        return report


@dataclass
class Script:
    """How the API treats the answer to one event; by default it reads it and responds with 202."""

    status: int = 202
    refuse_after: int | None = None
    """Respond with ``status`` after this many bytes of the body, and stop reading."""
    drop_after: int | None = None
    """Close the connection after this many bytes of the body."""
    accept_delay: float = 0.0
    read_delay: float = 0.0
    """Seconds to wait before each read of the body."""


@dataclass
class Invocation:
    """An offered event, and what happened to it."""

    request_id: str
    payload: bytes
    headers: dict[str, str]
    script: Script
    fetched: float = 0.0
    """When it was sent to the runtime."""
    answer: asyncio.Future[Request] = field(default_factory=asyncio.Future)
    """The POST that ended it."""
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the first byte of payload."""
    request: Request | None = None

    async def answered(self, seconds: float = 20) -> Request:
        async with asyncio.timeout(seconds):
            return await asyncio.shield(self.answer)


class _DroppedError(Exception):
    """The script closes the connection."""


class _RefusedError(Exception):
    """The script responds before the request is complete."""


class RuntimeApi:
    """The server. Use it as an async context manager; ``address`` is AWS_LAMBDA_RUNTIME_API."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.connections = 0
        self.next_faults: list[int | str] = []
        """For the next calls of /next: a status to respond with, or ``drop`` or ``garbage``."""
        self.restore_gate = asyncio.Event()
        self.chunked_events = False
        self.close_connections = False
        """Send ``Connection: close`` with every event."""
        self._events: asyncio.Queue[Invocation] = asyncio.Queue()
        self._invocations: dict[str, Invocation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if kind is None:
            assert self.violations == []

    def offer(
        self,
        event: Any,
        *,
        script: Script | None = None,
        seconds: float = 30,
        headers: Mapping[str, str] | None = None,
    ) -> Invocation:
        """Queue an event; ``seconds`` is the function's time for it."""
        request_id = str(uuid.uuid4())
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        all_headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:1:function:test",
            "Lambda-Runtime-Trace-Id": f"Root=1-{request_id[:8]}-0;Sampled=0",
            **(headers or {}),
        }
        invocation = Invocation(request_id, payload, all_headers, script or Script())
        self._invocations[request_id] = invocation
        self._events.put_nowait(invocation)
        return invocation

    def of_path(self, suffix: str) -> list[Request]:
        return [request for request in self.requests if request.path.endswith(suffix)]

    async def wait_for(self, suffix: str, count: int = 1, seconds: float = 20) -> list[Request]:
        """Wait for ``count`` requests to a path and return them; they may be incomplete."""
        async with asyncio.timeout(seconds), self._waiting:
            await self._waiting.wait_for(lambda: len(self.of_path(suffix)) >= count)
        return self.of_path(suffix)

    def drop_idle_connections(self) -> None:
        """Close every connection, including those on which /next is waiting."""
        for task in self._tasks:
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        number = self.connections
        try:
            while await self._serve(number, reader, writer):
                pass
        except (_DroppedError, ConnectionError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            pass  # by `drop_idle_connections` or at the end
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(
        self,
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                self.violations.append(f"half a head: {error.partial!r}")
            return False
        request = self._parse_head(number, head)
        self.requests.append(request)
        async with self._waiting:
            self._waiting.notify_all()
        route = f"{request.method} {request.path.removeprefix(VERSION)}"
        if route == "GET /invocation/next":
            await self._next(writer)
        elif match := re.fullmatch(r"POST /invocation/([^/]+)/(response|error)", route):
            invocation = self._invocations[match[1]]
            return await self._answer(invocation, request, reader, writer)
        elif route in {"POST /init/error", "POST /restore/error"}:
            await _BodyReader(request, reader, Script(), None, self.violations).read()
            _respond(writer, 202)
        elif route == "GET /restore/next":
            await self.restore_gate.wait()
            _respond(writer, 200)
        else:
            self.violations.append(f"there is no {route}")
            _respond(writer, 404)
        return request.headers.get("Connection") != "close"

    def _parse_head(self, number: int, head: bytes) -> Request:
        lines = head.decode("ascii").split("\r\n")
        method, path, version = lines[0].split(" ")
        if version != "HTTP/1.1":
            self.violations.append(lines[0])
        headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        if headers.get("Host") != self.address:
            self.violations.append(f"Host is {headers.get('Host')}")
        return Request(number, method, path, headers, bytearray(head), time.monotonic())

    async def _next(self, writer: asyncio.StreamWriter) -> None:
        if self.next_faults:
            match self.next_faults.pop(0):
                case "drop":
                    raise _DroppedError
                case "garbage":
                    writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
                case int(status):
                    _respond(writer, status, b'{"errorMessage":"scripted","errorType":"Fault"}')
            return
        invocation = await self._events.get()
        invocation.fetched = time.monotonic()
        headers = dict(invocation.headers)
        if self.close_connections:
            headers["Connection"] = "close"
        _respond(writer, 200, invocation.payload, headers, chunked=self.chunked_events)
        if self.close_connections:
            await writer.drain()
            raise _DroppedError

    async def _answer(
        self,
        invocation: Invocation,
        request: Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        if invocation.answer.done():
            self.violations.append(f"answered twice: {request.path}")
        invocation.request = request
        script = invocation.script
        refused = False
        try:
            await _BodyReader(request, reader, script, invocation.begun, self.violations).read()
        except _RefusedError:
            refused = True
        await asyncio.sleep(script.accept_delay)
        request.ended = time.monotonic()
        body = b'{"status":"OK"}\n' if script.status == 202 else b'{"errorMessage":"scripted"}'
        _respond(writer, script.status, body)
        if not invocation.answer.done():
            invocation.answer.set_result(request)
        if refused:
            # Like Go's server, read on for a while, so that the response is not lost, then close.
            await writer.drain()
            async with asyncio.timeout(1):
                while await reader.read(65536):
                    pass
        return not refused


class _BodyReader:
    """Reads the body of a request strictly, following its script."""

    def __init__(
        self,
        request: Request,
        reader: asyncio.StreamReader,
        script: Script,
        begun: asyncio.Event | None,
        violations: list[str],
    ) -> None:
        self._request = request
        self._reader = reader
        self._script = script
        self._begun = begun
        self._violations = violations
        self._received = 0

    async def read(self) -> None:
        headers = self._request.headers
        if "Content-Length" in headers:
            self._take(await self._exactly(int(headers["Content-Length"])))
        elif headers.get("Transfer-Encoding") == "chunked":
            await self._read_chunks()
        else:
            self._violations.append(f"a POST without a body: {self._request.path}")
        self._request.whole = True
        self._request.ended = time.monotonic()

    async def _read_chunks(self) -> None:
        while (size := await self._line()) != b"0":
            if not _CHUNK_SIZE.fullmatch(size):
                self._violations.append(f"a chunk of the size {size!r}")
            data = await self._exactly(int(size, 16))
            if await self._exactly(2) != b"\r\n":
                self._violations.append("a chunk without its CRLF")
            self._take(data)
        while line := await self._line():
            name, value = line.decode("ascii").split(": ", 1)
            self._request.trailers[name] = value

    def _take(self, data: bytes) -> None:
        self._request.pieces.append(Piece(data, time.monotonic()))
        if self._begun is not None:
            self._begun.set()
        self._received += len(data)
        script = self._script
        if script.drop_after is not None and self._received >= script.drop_after:
            raise _DroppedError
        if script.refuse_after is not None and self._received >= script.refuse_after:
            raise _RefusedError

    async def _exactly(self, count: int) -> bytes:
        if self._script.read_delay:
            await asyncio.sleep(self._script.read_delay)
        data = await self._reader.readexactly(count)
        self._request.raw.extend(data)
        return data

    async def _line(self) -> bytes:
        line = await self._reader.readuntil(b"\r\n")
        self._request.raw.extend(line)
        return line[:-2]


def _respond(
    writer: asyncio.StreamWriter,
    status: int,
    body: bytes = b'{"status":"OK"}\n',
    headers: Mapping[str, str] | None = None,
    *,
    chunked: bool = False,
) -> None:
    framing = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(len(body))}
    lines = [f"HTTP/1.1 {status} Scripted"]
    lines += [f"{name}: {value}" for name, value in {**(headers or {}), **framing}.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    if chunked:
        for start in range(0, len(body), 1000):
            piece = body[start : start + 1000]
            writer.write(b"%X;ignored\r\n%b\r\n" % (len(piece), piece))
        writer.write(b"0\r\nIgnored: trailer\r\n\r\n")
    else:
        writer.write(body)
