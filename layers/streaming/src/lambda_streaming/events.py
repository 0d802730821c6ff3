"""Events that are HTTP requests, by Mangum's handlers, as ASGI scope and body.

Function URLs and API Gateway's HTTP APIs (payload 2.0, and 1.0 of the latter), API Gateway's REST
APIs (payload 1.0). Application Load Balancers and CloudFront functions cannot stream.
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
    """An event, understood."""

    scope: Scope
    body: bytes
    _handler: LambdaHandler

    def proxy_response(self, status: int, headers: Headers, body: bytes) -> dict[str, Any]:
        """The whole response as the event's sender takes it where nothing is streamed."""
        # Mangum reads UTF-8, HTTP has Latin-1.
        response_headers = [[name, value.decode("latin-1").encode()] for name, value in headers]
        return self._handler({"status": status, "headers": response_headers, "body": body})


def parse_event(payload: bytes, context: LambdaContext) -> HttpRequest:
    """Raises ``UnsupportedEventError`` for what is no HTTP request, or a broken one."""
    try:
        event = json.loads(payload)
    except ValueError as error:
        message = f"the event is not JSON: {error}"
        raise UnsupportedEventError(message) from error
    return read_event(event, context)


def read_event(event: Any, context: LambdaContext) -> HttpRequest:
    """The same for an event that is parsed already."""
    handler = _infer(event, context)
    try:
        scope, body = handler.scope, handler.body
        raw_path = event.get("rawPath")
        scope["raw_path"] = raw_path.encode() if isinstance(raw_path, str) else None
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        message = f"the event looks like an HTTP request but cannot be read as one: {error!r}"
        raise UnsupportedEventError(message) from error
    scope["asgi"] = VERSIONS
    # Lambda does not stream a body with a Content-Encoding, so none is negotiated.
    scope["headers"] = [
        (name, value) for name, value in scope["headers"] if name != b"accept-encoding"
    ]
    return HttpRequest(scope, body, handler)


def _infer(event: Any, context: LambdaContext) -> LambdaHandler:
    if isinstance(event, dict) and isinstance(event.get("requestContext"), dict):
        # Mangum's protocol wants attributes that can be set; nobody sets them.
        mangum_context = cast("MangumContext", context)
        for handler in _HANDLERS:
            if handler.infer(event, mangum_context, _CONFIG):
                return handler(event, mangum_context, _CONFIG)
    message = (
        "the event is not an HTTP request from a Function URL or API Gateway; this function "
        "answers only those"
    )
    raise UnsupportedEventError(message)
