"""What every request carries through store, server, agent and tools."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from taskchat.users import User


@dataclass(frozen=True, kw_only=True)
class RequestContext:
    """Who asks, and their time zone."""

    user: User
    timezone: ZoneInfo
