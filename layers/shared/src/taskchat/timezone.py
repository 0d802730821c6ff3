"""The time zone of the person whom the current task serves.

FastAPI validates without a context, so times without an offset find their zone here, as pydantic's
documentation recommends for values that a validator cannot be given.
"""

from contextvars import ContextVar
from zoneinfo import ZoneInfo

_current: ContextVar[ZoneInfo | None] = ContextVar("timezone", default=None)


def set_timezone(zone: ZoneInfo) -> None:
    """Let times without an offset be meant in `zone`, until the current task ends."""
    _current.set(zone)


def current_timezone() -> ZoneInfo:
    """The zone that was set; UTC where none was."""
    return _current.get() or ZoneInfo("UTC")
