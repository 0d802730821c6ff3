"""Errors as HTTP responses: problem details (RFC 9457).

`type` is the relative reference `/problems/<code>` with the error's `code`; it identifies the kind
of problem, and there is no page at it. `detail` is text for the person. We add these members:
`message`, a copy of `detail`, because ChatKit's element reads nothing else; `request_id`, always;
`fields` (name to problem) for invalid values; `resets_at` (RFC 3339) for a limit; `attachment_ids`
of files that were refused, and are gone. `Retry-After` (seconds) is sent with every error that may
pass by waiting.
"""

import logging
import re
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Mount

from taskchat.errors import (
    NotFoundError,
    PayloadTooLargeError,
    TaskchatError,
    UnauthenticatedError,
)
from taskchat.metrics import Metric, record
from taskchat.web.request_id import current_request_id

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_NOT_ROUTED = NotFoundError("There is nothing at this address.")
_WRONG_METHOD = "This address does not support that method."
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


def problem_response(error: TaskchatError) -> Response:
    """The response that reports the error."""
    headers: dict[str, str] = {}
    members: dict[str, Any] = {}
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = "Bearer"
    retry_after: int | None = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    resets_at: datetime | None = getattr(error, "resets_at", None)
    if resets_at is not None:
        members["resets_at"] = resets_at.isoformat()
    fields: dict[str, str] | None = getattr(error, "fields", None)
    if fields is not None:
        members["fields"] = fields
    attachment_ids: list[str] | None = getattr(error, "attachment_ids", None)
    if attachment_ids is not None:
        members["attachment_ids"] = attachment_ids
    return _problem(error.status, error.code, error.title, str(error), members, headers)


def unexpected_problem_response() -> Response:
    """The response to an unexpected error. It does not reveal the cause."""
    return _problem(
        TaskchatError.status,
        TaskchatError.code,
        TaskchatError.title,
        "Something went wrong on our side. Please try again.",
    )


def install_problem_handlers(app: Starlette) -> None:
    """Make the app respond to known errors, unknown addresses and wrong methods with problems."""
    app.add_exception_handler(TaskchatError, _handle_taskchat_error)
    app.add_exception_handler(HTTPException, _handle_http_exception)


async def _handle_taskchat_error(request: Request, error: Exception) -> Response:
    known = cast("TaskchatError", error)
    if known.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        away = known.status == HTTPStatus.SERVICE_UNAVAILABLE
        logger.error(
            "%s %s failed: %s (%r)",
            request.method,
            request.url.path,
            known,
            known.__cause__,
            exc_info=None if away else known,
        )
    if known.status == HTTPStatus.TOO_MANY_REQUESTS:
        record({Metric.LIMIT_REACHED: 1}, limit=known.code)
    return problem_response(known)


async def _handle_http_exception(request: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)
    status, detail, headers = HTTPStatus(known.status_code), known.detail, dict(known.headers or {})
    if status == HTTPStatus.NOT_FOUND:
        return problem_response(_NOT_ROUTED)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return problem_response(PayloadTooLargeError(detail))
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        detail, headers["Allow"] = _WRONG_METHOD, ", ".join(_allowed_methods(request))
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
    code = re.sub(r"[^a-z]+", "-", status.phrase.lower())
    return _problem(status, code, status.phrase, detail, headers=headers)


def _allowed_methods(request: Request) -> list[str]:
    """The methods of all routes at this address; Starlette only names those of the first."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    methods = {
        method
        for method in _METHODS
        for route in routes
        if route.matches({**request.scope, "method": method})[0] is Match.FULL
    }
    return sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set()))


def _problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    members: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    content = {
        "type": f"/problems/{code}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "message": detail,
        **(members or {}),
        "request_id": current_request_id(),
    }
    return JSONResponse(content, status_code=status, headers=headers, media_type=MEDIA_TYPE)
