"""The application that every peer serves. It has no framework, so that it measures the server."""

import asyncio

from mangum import Mangum

from lambda_streaming.asgi import Receive, Scope, Send

_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")],
}
_EVENT = b'data: {"type":"thread.item.updated","delta":"a few words of an answer"}\n\n'


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """``/N`` sends N server-sent events at once. ``/N/SECONDS`` pauses between them."""
    if scope["type"] != "http":
        message = "no lifespan"
        raise RuntimeError(message)
    await receive()
    count, _, pause = scope["path"][1:].partition("/")
    await send(_START)
    for _ in range(int(count) - 1):
        await send({"type": "http.response.body", "body": _EVENT, "more_body": True})
        if pause:
            await asyncio.sleep(float(pause))
    await send({"type": "http.response.body", "body": _EVENT})


buffered = Mangum(application, lifespan="off")
"""For awslambdaric."""
