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
    coming = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            done, _ = await asyncio.wait([coming], timeout=HEARTBEAT_SECONDS)
            if not done:
                yield _HEARTBEAT
                continue
            event = coming.result()
            if event is None:
                return
            yield _encode(event)
            coming = asyncio.ensure_future(anext(events, None))
    except TaskchatError as error:
        yield _encode(error_event(str(error)))
    except Exception:
        logger.exception("the stream failed")
        yield _encode(error_event(GENERIC_FAILURE))
    finally:
        coming.cancel()
