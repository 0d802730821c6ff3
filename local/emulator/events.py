"""Converts HTTP requests to function URL events (payload format 2.0)."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from local.emulator.http_server import Exchange
from local.emulator.invocation import Invocation

# Bodies of these types are passed as text, all others in base64.
_TEXT_TYPES = ("application/javascript", "application/json", "application/xml")


def url_event(exchange: Exchange, body: bytes, invocation: Invocation) -> bytes:
    """Return the event for the request in `exchange`, whose body has been read."""
    path, _, query = exchange.target.partition("?")
    host = exchange.header("host", "127.0.0.1")
    now = datetime.now(UTC)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": _headers(exchange, host) | {"x-amzn-trace-id": invocation.trace_id},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "local",
            "domainName": host,
            "domainPrefix": host.partition(".")[0],
            "http": {
                "method": exchange.method,
                "path": unquote(path),
                "protocol": "HTTP/1.1",
                "sourceIp": exchange.client,
                "userAgent": exchange.header("user-agent"),
            },
            "requestId": invocation.request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": f"{now:%d/%b/%Y:%H:%M:%S +0000}",
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    cookies = [
        cookie.strip()
        for name, value in exchange.headers
        if name == "cookie"
        for cookie in value.split(";")
        if cookie.strip()
    ]
    if cookies:
        event["cookies"] = cookies
    if query:
        event["queryStringParameters"] = _joined(parse_qsl(query, keep_blank_values=True))
    if body:
        event["body"], event["isBase64Encoded"] = _encode(body, exchange.header("content-type"))
    return json.dumps(event).encode()


def _headers(exchange: Exchange, host: str) -> dict[str, str]:
    """Join the values of each name, in lower case; cookies are listed elsewhere in the event."""
    port = host.rpartition(":")[2] if ":" in host else "80"
    sent = [(name, value) for name, value in exchange.headers if name != "cookie"]
    forwarded = [
        ("x-forwarded-for", exchange.client),
        ("x-forwarded-port", port),
        ("x-forwarded-proto", "http"),
    ]
    return _joined([*sent, *forwarded])


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _encode(body: bytes, content_type: str) -> tuple[str, bool]:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("text/") or media_type in _TEXT_TYPES:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True
