"""Server-Sent Events: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable

from starlette.responses import Response, StreamingResponse

from taskchat.errors import TaskchatError
from taskchat.runs.events import error_event
from taskchat.runs.words import GENERIC_FAILURE

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10
"""A comment is sent after this long a silence, so that no proxy takes the stream for dead."""

MAX_WRITE_BYTES = 65_536
"""About how much one write holds, so that a reader who comes late does not keep others waiting."""

_HEARTBEAT = b": still here\n\n"
_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


def event_stream(events: AsyncIterator[str]) -> StreamingResponse:
    """Send each event as soon as it comes, and a comment now and then while there is none."""
    return StreamingResponse(_with_heartbeats(events), headers=_HEADERS)


def event_body(events: Iterable[str]) -> Response:
    """Send complete events, all at once."""
    return Response(b"".join(_encode(event) for event in events), headers=_HEADERS)


def _encode(event: str) -> bytes:
    return b"data: %s\n\n" % event.encode()


async def _with_heartbeats(events: AsyncIterator[str]) -> AsyncIterator[bytes]:
    """Join the frames that are ready into one write: the write is most of a frame's cost."""
    loop = asyncio.get_running_loop()
    frames = bytearray()
    while True:
        # Started eagerly, so that it is done at once unless it has to wait.
        coming = asyncio.Task(_next(events), loop=loop, eager_start=True)
        try:
            if frames and (not coming.done() or len(frames) >= MAX_WRITE_BYTES):
                yield bytes(frames)
                frames.clear()
            while not coming.done():
                await asyncio.wait([coming], timeout=HEARTBEAT_SECONDS)
                if not coming.done():
                    yield _HEARTBEAT
        finally:
            coming.cancel()
        frame, more = coming.result()
        frames += frame
        if not more:
            yield bytes(frames)
            return


async def _next(events: AsyncIterator[str]) -> tuple[bytes, bool]:
    """The next frame, or a last one that tells of an error, and whether more may follow."""
    try:
        event = await anext(events, None)
    except TaskchatError as error:
        return _encode(error_event(str(error))), False
    except Exception:
        logger.exception("the stream failed")
        return _encode(error_event(GENERIC_FAILURE)), False
    return (_encode(event), True) if event is not None else (b"", False)
