"""Retries for operations that should wait while the database is unavailable."""

import asyncio
from collections.abc import Awaitable, Callable

from taskchat.errors import DatabaseUnavailableError

_PAUSE_SECONDS = 0.3


async def with_retries[T](operation: Callable[[], Awaitable[T]], seconds: float) -> T:
    """Run the operation, and retry for `seconds` while the database cannot be reached.

    It must be idempotent: if the connection drops during COMMIT, the outcome is unknown. Raises the
    last `DatabaseUnavailableError`.
    """
    clock = asyncio.get_running_loop()
    give_up_at = clock.time() + seconds
    while True:
        try:
            return await operation()
        except DatabaseUnavailableError:
            if clock.time() + _PAUSE_SECONDS > give_up_at:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
