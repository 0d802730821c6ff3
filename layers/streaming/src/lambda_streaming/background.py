"""Work that outlives the response but not the invocation."""

import asyncio
import logging
from collections.abc import Awaitable

logger = logging.getLogger(__name__)


class Background:
    """The awaitables passed to ``scope["aws.wait_until"]`` during one invocation.

    Lambda freezes an environment when it asks for the next event. The poller waits for this work
    first, so that it is not frozen half-way.
    """

    def __init__(self) -> None:
        self._pending: set[asyncio.Future[object]] = set()

    def wait_until(self, awaitable: Awaitable[object]) -> None:
        """Start the awaitable if need be, and keep the environment awake until it ends."""
        task = asyncio.ensure_future(awaitable)
        self._pending.add(task)
        task.add_done_callback(self._ended)

    async def finish(self, seconds: float, grace: float) -> None:
        """Wait for all tasks, including those that they add.

        After ``seconds``, cancel the remaining tasks and give them ``grace`` seconds to clean up.
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
