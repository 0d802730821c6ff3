"""One invocation, from the event to the last byte of the answer."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import uuid4

QUEUED_CHUNKS = 16


@dataclass(frozen=True)
class Head:
    """Status and headers of an answer."""

    status: int
    headers: list[tuple[str, str]]
    """Includes a Set-Cookie header for each entry of the payload's `cookies`."""


class FunctionError(Exception):
    """The function failed. `kind` is Lambda's error type."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class TimedOutError(FunctionError):
    """The function exceeded its timeout and was stopped."""

    def __init__(self, seconds: float) -> None:
        super().__init__("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")


@dataclass(frozen=True)
class _End:
    error: FunctionError | None


class Answer:
    """Carries the answer from the function to the caller, chunk by chunk.

    The function's side waits for a slow caller. When the caller disconnects, its side calls
    `abandon`, and the function continues as if somebody were still reading.
    """

    def __init__(self) -> None:
        self._head: asyncio.Future[Head] = asyncio.get_running_loop().create_future()
        self._queue: asyncio.Queue[bytes | _End] = asyncio.Queue(QUEUED_CHUNKS)
        self._abandoned = False
        self.ended = asyncio.Event()
        """Set when the function has finished its answer."""
        self.error: FunctionError | None = None
        """The error with which the answer ended, if any."""

    # --- the function's side --------------------------------------------------------------------

    def start(self, head: Head) -> None:
        """Set status and headers. Only the first call counts."""
        if not self._head.done():
            self._head.set_result(head)

    async def send(self, chunk: bytes) -> None:
        """Add a part of the body."""
        if not self._abandoned:
            await self._queue.put(chunk)

    async def end(self, error: FunctionError | None = None) -> None:
        """End the answer, with an error or without. Only the first call counts."""
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
        """Wait for status and headers. Raises `FunctionError` if the function failed earlier."""
        return await asyncio.shield(self._head)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives. Raises `FunctionError` if it breaks off."""
        while True:
            item = await self._queue.get()
            if isinstance(item, bytes):
                yield item
            elif item.error:
                raise item.error
            else:
                return

    def abandon(self) -> None:
        """Discard the rest of the answer, because nobody reads it."""
        self._abandoned = True
        while not self._queue.empty():
            self._queue.get_nowait()


def _new_trace_id() -> str:
    return f"Root=1-{int(time.time()):08x}-{uuid4().hex[:24]};Parent={uuid4().hex[:16]};Sampled=0"


@dataclass(eq=False)
class Invocation:
    """An event and its answer."""

    event: bytes = b""
    http: bool = True
    """Whether the answer consists of status, headers and body, as behind a function URL."""
    streaming: bool = False
    """Whether the caller receives a streamed answer; otherwise it is collected first."""
    request_id: str = field(default_factory=lambda: str(uuid4()))
    trace_id: str = field(default_factory=_new_trace_id)
    answer: Answer = field(default_factory=Answer)
    deadline_ms: int = 0
    """Unix time in milliseconds, set when the runtime gets the event."""
    trailing_error: FunctionError | None = None
    """An error after the answer had begun, from the runtime's trailers."""
