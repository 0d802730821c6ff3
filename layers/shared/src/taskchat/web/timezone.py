"""The person's time zone, as the page sends it."""

from zoneinfo import ZoneInfo

from starlette.requests import Request

from taskchat.errors import BadRequestError

_MAX_LENGTH = 64


def read_timezone(request: Request) -> ZoneInfo:
    """The zone that `X-Timezone` names (IANA); UTC if absent. Raises `BadRequestError`."""
    name = request.headers.get("x-timezone", "").strip() or "UTC"
    try:
        if len(name) > _MAX_LENGTH or not name.isascii():
            raise ValueError("no IANA name looks like this")
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise BadRequestError(
            "X-Timezone must be the name of a time zone, such as Europe/Berlin."
        ) from None
