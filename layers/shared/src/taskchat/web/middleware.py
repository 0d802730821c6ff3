"""Middleware for every request, as plain ASGI: it buffers nothing, so streams stay streams."""

import logging

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskchat.errors import PayloadTooLargeError
from taskchat.web.problems import problem_response, unexpected_problem_response
from taskchat.web.request_id import begin_request

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1_000_000


class ResponseHeadersMiddleware:
    """Gives each request an id, and each response that id and the headers of a private API."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = begin_request(Headers(scope=scope).get("x-request-id"))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class UnexpectedErrorMiddleware:
    """Responds to an error that nothing else handled with a problem, and logs it.

    Starlette's own handler for such errors is outside all other middleware, so its response would
    lack their headers. An error after the start of the response is raised again: only the server
    can abort a response.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception:
            if started or scope["type"] != "http":
                raise
            logger.exception("%s %s failed unexpectedly", scope["method"], scope["path"])
            await unexpected_problem_response()(scope, receive, send)


class BodyLimitMiddleware:
    """Refuses bodies over `MAX_BODY_BYTES`, by their declared length or while they are read.

    Starlette has such a limit, but its response to a declared length that is too large is plain
    text.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        too_large = PayloadTooLargeError(
            f"The request may have {MAX_BODY_BYTES:,} bytes at most; this one has more."
        )
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
            await problem_response(too_large)(scope, receive, send)
            return
        size = 0

        async def receive_within_limit() -> Message:
            nonlocal size
            message = await receive()
            if message["type"] == "http.request":
                size += len(message.get("body", b""))
                if size > MAX_BODY_BYTES:
                    # FastAPI would report any other exception as a body that it cannot parse.
                    raise HTTPException(too_large.status, str(too_large))
            return message

        await self.app(scope, receive_within_limit, send)
