"""Reads every body as JSON, whatever its Content-Type: `curl -d` declares a form."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send


class JsonBodyMiddleware:
    """Sets every request's Content-Type to JSON, so that FastAPI reads the body as JSON."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "headers": list(scope["headers"])}
            MutableHeaders(scope=scope)["content-type"] = "application/json"
        await self.app(scope, receive, send)
