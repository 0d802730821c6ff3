"""A scripted Runtime API on loopback, and the runtime as a process that talks to it.

It hands out events as a test says, takes the answers apart byte by byte with a parser of its own,
and keeps every request with the times at which its pieces came. What breaks the protocol is kept in
``violations``, which must be empty when the API closes.
"""

import asyncio
import base64
import itertools
import json
import os
import re
import signal
import sys
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

VERSION = "/2018-06-01/runtime"
_CHUNK_SIZE = re.compile(rb"[1-9a-f][0-9a-f]*")


@dataclass
class Piece:
    """Payload bytes of one chunk, and when it was whole (seconds, monotonic)."""

    data: bytes
    at: float


@dataclass
class Request:
    """A request as it came."""

    connection: int
    method: str
    path: str
    headers: dict[str, str]
    """By the name as it was sent."""
    raw: bytearray
    started: float
    pieces: list[Piece] = field(default_factory=list)
    trailers: dict[str, str] = field(default_factory=dict)
    whole: bool = False
    """Whether it came to its proper end."""
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
    """How the API treats the answer to one event; by default it reads it and says 202."""

    status: int = 202
    refuse_after: int | None = None
    """Answer with ``status`` once this many bytes of the body came, without reading on."""
    drop_after: int | None = None
    """Close the connection once this many bytes of the body came."""
    accept_delay: float = 0.0
    read_delay: float = 0.0
    """Seconds to wait before each read of the body."""


@dataclass
class Invocation:
    """An event that was offered, and what became of it."""

    request_id: str
    payload: bytes
    headers: dict[str, str]
    script: Script
    fetched: float = 0.0
    """When it was handed out."""
    answer: asyncio.Future[Request] = field(default_factory=asyncio.Future)
    """The POST that ended it."""
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the first byte of payload."""
    request: Request | None = None

    async def answered(self, seconds: float = 20) -> Request:
        async with asyncio.timeout(seconds):
            return await asyncio.shield(self.answer)


class DroppedError(Exception):
    """The script says to close the connection."""


class RuntimeApi:
    """The server. Use it as an async context manager; ``address`` is AWS_LAMBDA_RUNTIME_API."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.connections = 0
        self.next_faults: list[int | str] = []
        """For the coming calls of /next: a status to answer with, or ``drop`` or ``garbage``."""
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
        """Put an event in the queue; ``seconds`` is the time that the function has."""
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
        """The requests to a path, once there are so many of them (they may not be whole yet)."""
        async with asyncio.timeout(seconds), self._waiting:
            await self._waiting.wait_for(lambda: len(self.of_path(suffix)) >= count)
        return self.of_path(suffix)

    def drop_idle_connections(self) -> None:
        """Close every connection, also those on which /next is waiting."""
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
        except (DroppedError, ConnectionError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            pass  # `drop_idle_connections`, or the end
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
            await self._read_body(request, reader, Script(), None)
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
                    raise DroppedError
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
            raise DroppedError

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
            await self._read_body(request, reader, script, invocation)
        except _Refused:
            refused = True
        await asyncio.sleep(script.accept_delay)
        request.ended = time.monotonic()
        body = b'{"status":"OK"}\n' if script.status == 202 else b'{"errorMessage":"scripted"}'
        _respond(writer, script.status, body)
        if not invocation.answer.done():
            invocation.answer.set_result(request)
        if refused:
            # As Go's server does: read on for a while, so that the answer is not lost, then close.
            await writer.drain()
            async with asyncio.timeout(1):
                while await reader.read(65536):
                    pass
        return not refused

    async def _read_body(
        self,
        request: Request,
        reader: asyncio.StreamReader,
        script: Script,
        invocation: Invocation | None,
    ) -> None:
        received = 0

        def take(data: bytes) -> None:
            nonlocal received
            received += len(data)
            request.pieces.append(Piece(data, time.monotonic()))
            if invocation is not None:
                invocation.begun.set()
            if script.drop_after is not None and received >= script.drop_after:
                raise DroppedError
            if script.refuse_after is not None and received >= script.refuse_after:
                raise _Refused

        async def read(count: int) -> bytes:
            if script.read_delay:
                await asyncio.sleep(script.read_delay)
            data = await reader.readexactly(count)
            request.raw.extend(data)
            return data

        async def read_line() -> bytes:
            line = await reader.readuntil(b"\r\n")
            request.raw.extend(line)
            return line[:-2]

        if "Content-Length" in request.headers:
            take(await read(int(request.headers["Content-Length"])))
        elif request.headers.get("Transfer-Encoding") == "chunked":
            while (size := await read_line()) != b"0":
                if not _CHUNK_SIZE.fullmatch(size):
                    self.violations.append(f"a chunk of the size {size!r}")
                data = await read(int(size, 16))
                if await read(2) != b"\r\n":
                    self.violations.append("a chunk without its CRLF")
                take(data)
            while line := await read_line():
                name, value = line.decode("ascii").split(": ", 1)
                request.trailers[name] = value
        else:
            self.violations.append(f"a POST without a body: {request.path}")
        request.whole = True
        request.ended = time.monotonic()


class _Refused(Exception):
    pass


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
        for piece in itertools.batched(body, 1000):
            writer.write(b"%X;ignored\r\n%b\r\n" % (len(piece), bytes(piece)))
        writer.write(b"0\r\nIgnored: trailer\r\n\r\n")
    else:
        writer.write(body)


class RuntimeProcess:
    """The runtime, started as the exec wrapper would start it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid
        self.output = bytearray()
        self._reader = asyncio.create_task(self._read())

    @property
    def text(self) -> str:
        return self.output.decode()

    async def exit_code(self, seconds: float = 20) -> int:
        async with asyncio.timeout(seconds):
            await self._reader
            return await self._process.wait()

    async def printed(self, text: str, seconds: float = 20) -> None:
        """Wait until the process has printed this."""
        async with asyncio.timeout(seconds):
            while text not in self.text:
                await asyncio.sleep(0.01)

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reader

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while data := await self._process.stdout.read(65536):
            self.output += data


def lambda_environment(api: str, handler: str, task_root: Path) -> dict[str, str]:
    """The variables that Lambda sets for a function."""
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        "_HANDLER": handler,
        "LAMBDA_TASK_ROOT": str(task_root),
        "AWS_LAMBDA_RUNTIME_API": api,
        "AWS_LAMBDA_FUNCTION_NAME": "test",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/test",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2030/01/01/[$LATEST]0123",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_REGION": "eu-west-1",
        "PYTHONWARNINGS": "error",
    }


@asynccontextmanager
async def running_runtime(
    api: str,
    handler: str,
    task_root: Path,
    environment: Mapping[str, str] | None = None,
    *,
    pass_fds: tuple[int, ...] = (),
) -> AsyncIterator[RuntimeProcess]:
    """``python -m lambda_streaming`` in Lambda's environment, killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "lambda_streaming",
        cwd=task_root,
        env={**lambda_environment(api, handler, task_root), **(environment or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        pass_fds=pass_fds,
    )
    runtime = RuntimeProcess(process)
    try:
        yield runtime
    finally:
        await runtime.kill()


def function_url_event(
    path: str = "/",
    *,
    method: str = "GET",
    body: str | bytes | None = None,
    headers: Mapping[str, str] | None = None,
    query: str = "",
    cookies: list[str] | None = None,
) -> dict[str, Any]:
    """An event as a Function URL sends it (payload 2.0)."""
    host = "abcdefg.lambda-url.eu-west-1.on.aws"
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": host, "x-forwarded-proto": "https", **(headers or {})},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abcdefg",
            "domainName": host,
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "test",
            },
            "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2030:19:03:58 +0000",
            "timeEpoch": 1899658638000,
        },
        "isBase64Encoded": isinstance(body, bytes),
    }
    if body is not None:
        event["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    if cookies is not None:
        event["cookies"] = cookies
    return event
