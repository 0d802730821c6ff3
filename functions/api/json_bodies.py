"""JSON whatever the request calls it, since nothing else is taken: `curl -d` says it is a form."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send


class JsonBodyMiddleware:
    """Calls every body JSON, so that FastAPI reads it as such."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "headers": list(scope["headers"])}
            MutableHeaders(scope=scope)["content-type"] = "application/json"
        await self.app(scope, receive, send)
