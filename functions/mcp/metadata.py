"""Tells clients who signs the tokens: OAuth 2.0 Protected Resource Metadata (RFC 9728)."""

import re
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from taskchat.errors import UnauthenticatedError
from taskchat.web import problem_response

MCP_PATH = "/mcp"
METADATA_PATH = "/.well-known/oauth-protected-resource"

_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?")


class ResourceMetadata:
    """The document, and the refusals that point to it."""

    def __init__(self, issuer: str | None) -> None:
        self._issuer = issuer

    async def respond(self, request: Request) -> Response:
        """The document. It names no authorization server if no issuer is configured."""
        issuers: dict[str, Any] = {}
        if self._issuer is not None:
            issuers["authorization_servers"] = [self._issuer]
        return JSONResponse(
            {
                "resource": f"{_base(request)}{MCP_PATH}",
                "resource_name": "Tasks",
                **issuers,
                "bearer_methods_supported": ["header"],
            }
        )

    async def refuse(self, request: Request, error: Exception) -> Response:
        """Respond to a request without a valid token."""
        response = problem_response(cast("UnauthenticatedError", error))
        address = f"{_base(request)}{METADATA_PATH}"
        response.headers["WWW-Authenticate"] = f'Bearer resource_metadata="{address}"'
        return response


def _base(request: Request) -> str:
    """The client's address up to the path.

    Behind CloudFront, a separate header has the host. API Gateway's addresses begin with the stage,
    which is missing in the path that the function gets.
    """
    headers = request.headers
    host = headers.get("x-forwarded-host") or headers.get("host", "")
    context = request.scope.get("aws.event", {}).get("requestContext", {})
    stage, path, _ = context.get("path", "").partition(request.scope["path"])
    origin = f"{request.url.scheme}://{host if _HOST.fullmatch(host) else 'localhost'}"
    return f"{origin}{stage}" if path else origin
