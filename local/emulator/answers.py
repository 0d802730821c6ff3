"""Parses the formats in which a function returns status, headers and body."""

import base64
import json
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from local.emulator.invocation import Head

PRELUDE_LIMIT = 16 * 1024
SEPARATOR = bytes(8)

# These headers concern the connection between function and Lambda, not the caller's.
_CONNECTION_HEADERS = {"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"}


class InvalidAnswerError(Exception):
    """The function sent an invalid response."""


class _Prelude(BaseModel):
    statusCode: int = Field(default=200, ge=100, le=599)
    headers: dict[str, str | int | float | bool] = {}
    cookies: list[str] = []

    def head(self, content_type: str) -> Head:
        headers = {name.lower(): value for name, value in self.headers.items()}
        headers.setdefault("content-type", content_type)
        kept = [
            (name, value if isinstance(value, str) else json.dumps(value))
            for name, value in headers.items()
            if name not in _CONNECTION_HEADERS
        ]
        return Head(self.statusCode, [*kept, *(("set-cookie", cookie) for cookie in self.cookies)])


class _ProxyResponse(_Prelude):
    body: str = ""
    isBase64Encoded: bool = False


def parse_prelude(prelude: bytes) -> Head:
    """Parse the part of a streamed response before its NUL bytes. Raises `InvalidAnswerError`."""
    try:
        return _Prelude.model_validate_json(prelude).head("application/octet-stream")
    except ValidationError as error:
        raise InvalidAnswerError(f"the prelude is not valid: {error}") from error


def parse_proxy_response(body: bytes) -> tuple[Head, bytes]:
    """Parse a buffered response in payload format 2.0. Without `statusCode` it is only the body.

    Raises `InvalidAnswerError`.
    """
    try:
        document: Any = json.loads(body)
        if not isinstance(document, dict) or "statusCode" not in document:
            text = document if isinstance(document, str) else json.dumps(document)
            return _Prelude().head("application/json"), text.encode()
        given = {key: value for key, value in document.items() if value is not None}
        response = _ProxyResponse.model_validate(given)
        text = response.body
        payload = (
            base64.b64decode(text, validate=True) if response.isBase64Encoded else text.encode()
        )
    except (ValidationError, ValueError) as error:
        raise InvalidAnswerError(f"the response is not valid: {error}") from error
    return response.head("application/json"), payload
