"""What every request carries through store, server, agent and tools."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from taskchat.users import User


@dataclass(frozen=True, kw_only=True)
class RequestContext:
    """Who asks, and where they are in time.

    `thread_id` is the id that a thread about to be created will get. `run_id` is the run that the
    request belongs to. `retries` is set while that run answers a message anew: what the store is
    then asked to delete is set aside for `run_id`, until the new answer is there.
    """

    user: User
    timezone: ZoneInfo
    thread_id: str | None = None
    run_id: str | None = None
    retries: bool = False
