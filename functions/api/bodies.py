"""Request bodies as JSON objects; what their fields must be is for `taskchat` to say."""

import json
from typing import Any

from starlette.requests import Request

from taskchat.errors import BadRequestError


async def read_json_object(request: Request) -> dict[str, Any]:
    """The body's JSON object; empty for an empty body. Raises `BadRequestError`."""
    body = await request.body()
    if not body.strip():
        return {}
    try:
        values = json.loads(body)
    except UnicodeDecodeError:
        raise BadRequestError("The body is not valid UTF-8.") from None
    except (ValueError, RecursionError):
        raise BadRequestError("The body is not valid JSON.") from None
    if not isinstance(values, dict):
        raise BadRequestError("The body must be a JSON object.")
    return values
