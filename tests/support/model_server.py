"""A scriptable OpenAI-compatible server on a loopback socket that behaves like Gemini.

    async with ModelServer() as server:
        server.script([text("Hel", "lo"), tool_calls(Call("list_tasks")), problem(429)])
        ...                        # point the client at server.base_url
        assert server.requests[0].json["model"] == "gemini-2.5-flash"

Each request gets the next scripted reply. Times are seconds of `time.monotonic()`.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import h11

Part = bytes | float
"""Bytes for one write, or a pause in seconds.

The status line is sent with the first bytes."""

DONE = b"data: [DONE]\n\n"
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


@dataclass(frozen=True)
class Reply:
    """The server's reply to one request, part by part, and how it ends.

    `complete` ends the body properly; `break` closes the connection in the middle of it; `hang`
    keeps it open until the client disconnects; `refuse` closes it without sending anything.
    """

    parts: tuple[Part, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: Literal["complete", "break", "hang", "refuse"] = "complete"


@dataclass
class RecordedRequest:
    """One received request, and what happened to its response."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    received_at: float
    sent_at: list[float] = field(default_factory=list)
    """When each part of bytes was written."""
    client_gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client closed the connection before its answer was complete."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Respond = Callable[[RecordedRequest], Reply]


@dataclass(frozen=True)
class Call:
    """A tool call as Gemini streams it: in one piece, by default with index 0 and no id."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    id: str | None = ""
    index: int | None = 0
    signature: str | None = None

    def as_delta(self) -> dict[str, Any]:
        arguments = self.arguments
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments)
        delta: dict[str, Any] = {
            "type": "function",
            "function": {"name": self.name, "arguments": arguments},
        }
        if self.id is not None:
            delta["id"] = self.id
        if self.index is not None:
            delta["index"] = self.index
        if self.signature is not None:
            delta["extra_content"] = {"google": {"thought_signature": self.signature}}
        return delta


def chunk(
    delta: Mapping[str, Any] | None = None, *, finish: str | None = None, **members: Any
) -> dict[str, Any]:
    """A `chat.completion.chunk` with one choice."""
    choice: dict[str, Any] = {"index": 0, "delta": {"role": "assistant", **(delta or {})}}
    if finish is not None:
        choice["finish_reason"] = finish
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "scripted",
        "choices": [choice],
        **members,
    }


def event(payload: object) -> bytes:
    """One server-sent event that carries `payload` as JSON."""
    return b"data: " + json.dumps(payload).encode() + b"\n\n"


def raw(*parts: Part, ending: Literal["complete", "break", "hang"] = "complete") -> Reply:
    """A stream of these exact bytes."""
    return Reply(parts, headers={"content-type": "text/event-stream"}, ending=ending)


def events(
    *payloads: object,
    delay: float = 0.0,
    ending: Literal["complete", "break", "hang"] = "complete",
) -> Reply:
    """A stream of these payloads, `delay` before each, and `[DONE]` if it ends properly."""
    parts: list[Part] = []
    for payload in payloads:
        parts += [delay, event(payload)]
    if ending == "complete":
        parts.append(DONE)
    return raw(*parts, ending=ending)


def text(
    *words: str,
    delay: float = 0.0,
    ending: Literal["complete", "break", "hang"] = "complete",
) -> Reply:
    """An answer in these pieces, with `delay` before each; a complete one ends with `stop`."""
    chunks = [chunk({"content": word}, usage=USAGE) for word in words]
    if ending == "complete":
        chunks.append(chunk(finish="stop", usage=USAGE))
    return events(*chunks, delay=delay, ending=ending)


def tool_calls(*calls: Call, before: str = "", one_chunk: bool = True, delay: float = 0.0) -> Reply:
    """Tool calls in one chunk, or one chunk each, ended by `stop`, perhaps after some text."""
    deltas = [call.as_delta() for call in calls]
    groups = [deltas] if one_chunk else [[delta] for delta in deltas]
    return events(
        *([chunk({"content": before})] if before else []),
        *(chunk({"tool_calls": group}, usage=USAGE) for group in groups),
        chunk(finish="stop", usage=USAGE),
        delay=delay,
    )


def answer(
    payload: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Reply:
    """A JSON body that is not streamed."""
    body = json.dumps(payload).encode()
    return Reply((body,), status, {"content-type": "application/json", **(headers or {})})


def problem(
    status: int,
    message: str = "Something is wrong.",
    *,
    code: str = "INTERNAL",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """An error in Gemini's format: a list around the object."""
    error = {"error": {"code": status, "message": message, "status": code}}
    return answer([error], status=status, headers=headers)


def refuse() -> Reply:
    """Closes the connection without a response."""
    return Reply(ending="refuse")


def hang() -> Reply:
    """Never responds."""
    return Reply((3600.0,))


class ModelServer:
    """The server: an async context manager that listens on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self.requests: list[RecordedRequest] = []
        self.connections = 0
        """The number of connections accepted so far."""
        self._replies: deque[Reply | Respond] = deque()
        self._respond: Respond | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._port = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1/"

    def script(self, replies: Iterable[Reply | Respond] | Respond) -> None:
        """Answer the next requests with `replies`, in order, or every request with a function."""
        if callable(replies):
            self._replies, self._respond = deque(), replies
        else:
            self._replies, self._respond = deque(replies), None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, on the same port as before after a stop."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything; further connections are refused."""
        if self._server is None:
            return
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h11.Connection(h11.SERVER)
        try:
            while (request := await _receive(http, reader)) is not None:
                self.requests.append(request)
                if not await self._send(http, reader, writer, request, self._next_reply(request)):
                    return
                http.start_next_cycle()
        except ConnectionError:
            return
        finally:
            writer.close()

    def _next_reply(self, request: RecordedRequest) -> Reply:
        if self._replies:
            reply = self._replies.popleft()
            return reply(request) if callable(reply) else reply
        if self._respond is not None:
            return self._respond(request)
        return problem(400, "No reply is scripted for this request.")

    async def _send(
        self,
        http: h11.Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        request: RecordedRequest,
        reply: Reply,
    ) -> bool:
        """Tell whether the response is complete and the connection can take another request."""
        if reply.ending == "refuse":
            return False
        sending = asyncio.create_task(_write(http, writer, request, reply))
        incoming = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({sending, incoming}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done() or (reply.ending == "hang" and not await incoming):
                request.client_gone.set()
                return False
            await sending
            return reply.ending == "complete"
        except ConnectionError:
            request.client_gone.set()
            return False
        finally:
            sending.cancel()
            incoming.cancel()
            await asyncio.gather(sending, incoming, return_exceptions=True)
            if not incoming.cancelled() and incoming.exception() is None:
                http.receive_data(incoming.result())


async def _receive(http: h11.Connection, reader: asyncio.StreamReader) -> RecordedRequest | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        happened = http.next_event()
        if happened is h11.NEED_DATA:
            http.receive_data(await reader.read(65_536))
        elif isinstance(happened, h11.Request):
            head = happened
        elif isinstance(happened, h11.Data):
            body += happened.data
        elif isinstance(happened, h11.EndOfMessage) and head is not None:
            return RecordedRequest(
                method=head.method.decode(),
                path=head.target.decode(),
                headers={name.decode(): value.decode() for name, value in head.headers},
                body=bytes(body),
                received_at=time.monotonic(),
            )
        else:
            return None


async def _write(
    http: h11.Connection, writer: asyncio.StreamWriter, request: RecordedRequest, reply: Reply
) -> None:
    headers = [*reply.headers.items(), ("transfer-encoding", "chunked")]
    head = http.send(h11.Response(status_code=reply.status, headers=headers)) or b""
    for part in reply.parts:
        if isinstance(part, bytes):
            writer.write(head + (http.send(h11.Data(data=part)) or b""))
            head = b""
            request.sent_at.append(time.monotonic())
            await writer.drain()
        else:
            await asyncio.sleep(part)
    if reply.ending == "complete":
        writer.write(head + (http.send(h11.EndOfMessage()) or b""))
    await writer.drain()
