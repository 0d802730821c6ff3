"""The time zone of the person whom the current asyncio task serves.

FastAPI passes no context to validators, so they find the zone for times without an offset here.
Pydantic's documentation recommends a context variable for such values.
"""

from contextvars import ContextVar
from zoneinfo import ZoneInfo

_current: ContextVar[ZoneInfo | None] = ContextVar("timezone", default=None)


def set_timezone(zone: ZoneInfo) -> None:
    """Read times without an offset in `zone`, until the current asyncio task ends."""
    _current.set(zone)


def current_timezone() -> ZoneInfo:
    """The zone that was set, or UTC."""
    return _current.get() or ZoneInfo("UTC")
