"""The id of the current request, for responses and logs."""

import re
from contextvars import ContextVar

from taskchat.identifiers import new_id
from taskchat.log_context import bind_log_fields

_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,128}")
_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def begin_request(offered: str | None) -> str:
    """Set the current id: the one that the client offers if it is well-formed, else a new one."""
    request_id = offered if offered and _ACCEPTED.fullmatch(offered) else new_id("req")
    _current.set(request_id)
    bind_log_fields(request_id=request_id)
    return request_id


def current_request_id() -> str | None:
    """The id of the request that this asyncio task serves; None outside a request."""
    return _current.get()
