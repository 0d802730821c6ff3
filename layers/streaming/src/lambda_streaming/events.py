"""Converts HTTP events to ASGI scope and body, with Mangum's handlers.

Supports Function URLs (payload 2.0), API Gateway's HTTP APIs (2.0 and 1.0) and REST APIs (1.0).
Application Load Balancers and CloudFront functions cannot stream.
"""

import json
from dataclasses import dataclass
from typing import Any, cast

from mangum.handlers import APIGateway, HTTPGateway
from mangum.types import LambdaConfig, LambdaHandler
from mangum.types import LambdaContext as MangumContext

from lambda_streaming.asgi import VERSIONS, Scope
from lambda_streaming.context import LambdaContext
from lambda_streaming.errors import UnsupportedEventError
from lambda_streaming.prelude import Headers

_HANDLERS: tuple[type[LambdaHandler], ...] = (HTTPGateway, APIGateway)
_CONFIG = LambdaConfig(
    api_gateway_base_path="/",
    text_mime_types=["text/", "application/json", "application/problem+json", "application/xml"],
    exclude_headers=[],
)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A parsed event."""

    scope: Scope
    body: bytes
    _handler: LambdaHandler

    def proxy_response(self, status: int, headers: Headers, body: bytes) -> dict[str, Any]:
        """Return the whole response in the format that the event's sender expects unstreamed."""
        # Mangum decodes headers as UTF-8, HTTP encodes them as Latin-1.
        response_headers = [[name, value.decode("latin-1").encode()] for name, value in headers]
        return self._handler({"status": status, "headers": response_headers, "body": body})


def parse_event(payload: bytes, context: LambdaContext) -> HttpRequest:
    """Parse an event; raises ``UnsupportedEventError`` if it is not a valid HTTP request."""
    try:
        event = json.loads(payload)
    except ValueError as error:
        message = f"the event is not JSON: {error}"
        raise UnsupportedEventError(message) from error
    return read_event(event, context)


def read_event(event: Any, context: LambdaContext) -> HttpRequest:
    """Do the same for an event that is no longer JSON text."""
    handler = _infer(event, context)
    try:
        scope, body = handler.scope, handler.body
        raw_path = event.get("rawPath")
        scope["raw_path"] = raw_path.encode() if isinstance(raw_path, str) else None
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        message = f"the event looks like an HTTP request but cannot be read as one: {error!r}"
        raise UnsupportedEventError(message) from error
    scope["asgi"] = VERSIONS
    # Lambda cannot stream a body with a Content-Encoding, so the application must not choose one.
    scope["headers"] = [
        (name, value) for name, value in scope["headers"] if name != b"accept-encoding"
    ]
    return HttpRequest(scope, body, handler)


def _infer(event: Any, context: LambdaContext) -> LambdaHandler:
    if isinstance(event, dict) and isinstance(event.get("requestContext"), dict):
        # Mangum's protocol type requires writable attributes, but nothing writes them.
        mangum_context = cast("MangumContext", context)
        for handler in _HANDLERS:
            if handler.infer(event, mangum_context, _CONFIG):
                return handler(event, mangum_context, _CONFIG)
    message = (
        "the event is not an HTTP request from a Function URL or API Gateway; this function "
        "answers only those"
    )
    raise UnsupportedEventError(message)
