"""Work that outlives the response but not the invocation."""

import asyncio
import logging
from collections.abc import Awaitable

logger = logging.getLogger(__name__)


class Background:
    """What ``scope["aws.wait_until"]`` was given; one per invocation.

    Lambda freezes an environment once it asks for the next event. Whatever must not be caught by
    that half-way is waited for before.
    """

    def __init__(self) -> None:
        self._pending: set[asyncio.Future[object]] = set()

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Start it, if it has not been started, and keep the environment awake until it ends."""
        task = asyncio.ensure_future(awaitable)
        self._pending.add(task)
        task.add_done_callback(self._ended)

    async def finish(self, seconds: float, grace: float) -> None:
        """Wait for all of it, also for what it adds.

        What is left after ``seconds`` is cancelled, and has as many as ``grace`` to clean up.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while self._pending:
            done, late = await asyncio.wait(self._pending, timeout=max(0, end - loop.time()))
            if not done:
                logger.error("%d background tasks were cut off by the deadline", len(late))
                for task in late:
                    task.cancel()
                await asyncio.wait(late, timeout=grace)
                return

    def _ended(self, task: asyncio.Future[object]) -> None:
        self._pending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("A background task failed", exc_info=error)
