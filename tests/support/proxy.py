"""A loopback proxy that forwards everything except what a test changes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import httpx2
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tests.support.http_server import serve

_OF_THE_CONNECTION = {"connection", "content-length", "host", "transfer-encoding"}

Change = Callable[[str, str, MutableHeaders, bytes], Response | None]
"""Gets method, path, headers (which it may change) and body; may return its own response."""


def pass_on(_method: str, _path: str, _headers: MutableHeaders, _body: bytes) -> None:
    """Change nothing."""


async def as_it_comes(found: httpx2.Response) -> Response:
    """Forward each piece of the response as it arrives."""
    return StreamingResponse(found.aiter_raw(), found.status_code)


async def whole(found: httpx2.Response) -> Response:
    """Send the complete response, with its length."""
    return Response(await found.aread(), found.status_code)


async def at_once(found: httpx2.Response) -> Response:
    """Send the complete response as one chunk."""
    return StreamingResponse(iter([await found.aread()]), found.status_code)


@asynccontextmanager
async def proxy(
    url: str,
    change: Change = pass_on,
    answer: Callable[[httpx2.Response], Awaitable[Response]] = as_it_comes,
) -> AsyncIterator[str]:
    """Run a proxy in front of `url`; yields its address."""
    async with httpx2.AsyncClient(base_url=url, timeout=30) as client:

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                return
            request = Request(scope, receive)
            body = await request.body()
            headers = request.headers.mutablecopy()
            response = change(request.method, request.url.path, headers, body)
            if response is None:
                target = httpx2.URL(request.url.path, query=request.url.query.encode())
                kept = _kept(headers.items())
                forwarded = client.build_request(request.method, target, headers=kept, content=body)
                found = await client.send(forwarded, stream=True)
                response = await answer(found)
                for name, value in _kept(found.headers.multi_items()):
                    response.headers.append(name, value)
            await response(scope, receive, send)

        async with serve(app) as address:
            yield address


def _kept(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _OF_THE_CONNECTION]
