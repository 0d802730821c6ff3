"""One invocation, from the event to the answer's last byte."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import uuid4

QUEUED_CHUNKS = 16


@dataclass(frozen=True)
class Head:
    """What the answer begins with."""

    status: int
    headers: list[tuple[str, str]]
    """Set-Cookie included; `cookies` of the payload have become that."""


class FunctionError(Exception):
    """The function failed. `kind` is the error type as Lambda names it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class TimedOutError(FunctionError):
    """The function was stopped after its time."""

    def __init__(self, seconds: float) -> None:
        super().__init__("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")


@dataclass(frozen=True)
class _End:
    error: FunctionError | None


class Answer:
    """Carries the answer from the function to the caller, chunk by chunk.

    The function's side waits when the caller is slow. When the caller is gone it `abandon`s the
    answer, and the function goes on as if it were still being read.
    """

    def __init__(self) -> None:
        self._head: asyncio.Future[Head] = asyncio.get_running_loop().create_future()
        self._queue: asyncio.Queue[bytes | _End] = asyncio.Queue(QUEUED_CHUNKS)
        self._abandoned = False
        self.ended = asyncio.Event()
        """The function has given all it will."""
        self.error: FunctionError | None = None
        """Why the answer ended badly, if it did."""

    # --- the function's side --------------------------------------------------------------------

    def start(self, head: Head) -> None:
        """Give status and headers, once."""
        if not self._head.done():
            self._head.set_result(head)

    async def send(self, chunk: bytes) -> None:
        """Give a part of the body."""
        if not self._abandoned:
            await self._queue.put(chunk)

    async def end(self, error: FunctionError | None = None) -> None:
        """End the answer, well or by an error. What comes after the first end is ignored."""
        if self.ended.is_set():
            return
        self.error = error
        self.ended.set()
        if not self._head.done():
            self._head.set_exception(error or FunctionError("Runtime.Unknown", "no answer"))
            self._head.exception()  # nobody may be waiting for it
        if not self._abandoned:
            await self._queue.put(_End(error))

    # --- the caller's side ----------------------------------------------------------------------

    async def head(self) -> Head:
        """Status and headers. Raises `FunctionError` if the function failed before it gave them."""
        return await asyncio.shield(self._head)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises `FunctionError` where it breaks off."""
        while True:
            item = await self._queue.get()
            if isinstance(item, bytes):
                yield item
            elif item.error:
                raise item.error
            else:
                return

    def abandon(self) -> None:
        """Nobody reads any more."""
        self._abandoned = True
        while not self._queue.empty():
            self._queue.get_nowait()


def _new_trace_id() -> str:
    return f"Root=1-{int(time.time()):08x}-{uuid4().hex[:24]};Parent={uuid4().hex[:16]};Sampled=0"


@dataclass(eq=False)
class Invocation:
    """An event on its way through a function."""

    event: bytes = b""
    http: bool = True
    """Whether the answer means status, headers and body, as behind a function URL."""
    streaming: bool = False
    """Whether the caller takes a streamed answer; otherwise it is collected first."""
    request_id: str = field(default_factory=lambda: str(uuid4()))
    trace_id: str = field(default_factory=_new_trace_id)
    answer: Answer = field(default_factory=Answer)
    deadline_ms: int = 0
    """Unix time in milliseconds, set when the event is handed out."""
    trailing_error: FunctionError | None = None
    """What went wrong after the answer had begun, as the runtime's trailers tell it."""
