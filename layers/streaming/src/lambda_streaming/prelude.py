"""Encodes status and headers of a response for Lambda's HTTP integrations."""

import json
import re
from collections.abc import Iterable

from lambda_streaming.errors import InvalidResponseError

CONTENT_TYPE = "application/vnd.awslambda.http-integration-response"

_SEPARATOR = b"\0" * 8
_encode = json.JSONEncoder(separators=(",", ":")).encode
_LIMIT = 16 * 1024
_STATUSES = range(200, 600)
# These describe framing that Lambda replaces. A length could make it wait or cut the body short.
_DROPPED = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive"})
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[^\0\r\n]*")

Headers = Iterable[tuple[bytes, bytes]]


def render_prelude(status: int, headers: Headers) -> bytes:
    """Return the prelude: JSON, ended by eight NUL bytes.

    Cookies are listed separately; other headers that occur more than once are joined. Raises
    ``InvalidResponseError`` for an invalid status, invalid headers or more than 16 KB of them, and
    for a compressed body, which Lambda does not deliver as such.
    """
    joined: dict[str, str] = {}
    cookies: list[str] = []
    for name_bytes, value_bytes in check_headers(status, headers):
        name, value = name_bytes.decode("latin-1").lower(), value_bytes.decode("latin-1")
        if name == "set-cookie":
            cookies.append(value)
        elif name == "content-encoding":
            _check_encoding(value)
        elif name not in _DROPPED:
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
    document = {"statusCode": status, "headers": joined, "cookies": cookies}
    prelude = _encode(document).encode() + _SEPARATOR
    if len(prelude) > _LIMIT:
        message = f"the response's headers take {len(prelude)} bytes; Lambda takes up to {_LIMIT}"
        raise InvalidResponseError(message)
    return prelude


def check_headers(status: int, headers: Headers) -> Headers:
    """Return the headers unchanged; raises ``InvalidResponseError`` if HTTP does not allow them."""
    if status not in _STATUSES:
        message = f"a response cannot have the status {status!r}"
        raise InvalidResponseError(message)
    headers = [(bytes(name), bytes(value)) for name, value in headers]
    for name, value in headers:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            message = f"a response cannot have the header {name[:80]!r}: {value[:80]!r}"
            raise InvalidResponseError(message)
    return headers


def _check_encoding(value: str) -> None:
    if value.strip().lower() not in {"", "identity"}:
        message = (
            f"the response has Content-Encoding {value!r}, which Lambda does not stream: "
            "send it as it is, and let what stands in front compress it"
        )
        raise InvalidResponseError(message)
