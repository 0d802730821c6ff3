"""The heartbeats of a run: they extend its lease, save its progress and read the stop flag."""

import asyncio
import logging

from taskchat.database import Database
from taskchat.errors import DatabaseError
from taskchat.metrics import Metric, record
from taskchat.runs.checkpoint import Checkpoint
from taskchat.runs.end_reason import STOPPED, RunEnd, failed
from taskchat.runs.event_log import PendingEvents
from taskchat.runs.models import LEASE_SECONDS
from taskchat.runs.service import send_heartbeat
from taskchat.runs.words import NOT_SAVED

logger = logging.getLogger(__name__)

LOG_SECONDS = 0.3
"""How often new events are logged while someone follows the run from another process."""

HEARTBEAT_SECONDS = 0.9
"""How often a run extends its lease, reads the stop flag and saves the checkpoint of the items that
it is writing. New events are also logged this often while nobody follows."""


class Heartbeats:
    """Sends the heartbeats of one run. They may end it: if it was stopped, or lost its lease."""

    def __init__(
        self,
        run_id: str,
        user_id: str,
        *,
        database: Database,
        pending: PendingEvents,
        checkpoint: Checkpoint,
        end: RunEnd,
    ) -> None:
        self._run_id = run_id
        self._user_id = user_id
        self._database = database
        self._pending = pending
        self._checkpoint = checkpoint
        self._end = end
        # So that the first events are soon in the log for someone who opens the thread at once.
        self._followed = True

    async def send_until(self, said: asyncio.Task[None]) -> None:
        """Send heartbeats until the `said` task ends.

        While the database is unavailable, keep trying. End the run after `LEASE_SECONDS` of this.
        """
        clock = asyncio.get_running_loop()
        sent_at = saved_at = clock.time()
        while not (await asyncio.wait([said], timeout=LOG_SECONDS))[0]:
            now = clock.time()
            logs = self._followed and self._pending
            if not logs and now - sent_at < HEARTBEAT_SECONDS - LOG_SECONDS / 2:
                continue
            save = now - saved_at >= HEARTBEAT_SECONDS - LOG_SECONDS / 2
            try:
                await self._send(save=save)
            except DatabaseError as error:
                silence = clock.time() - sent_at
                logger.warning("the run could not be saved for %.0f s: %r", silence, error)
                if silence > LEASE_SECONDS:
                    self._end.decide(failed(NOT_SAVED))
            else:
                sent_at, saved_at = now, now if save else saved_at

    async def _send(self, *, save: bool) -> None:
        async with self._database.autocommit() as connection:
            # One round trip and one transaction: all of it is stored, or nothing.
            async with connection.pipelined():
                sent = await send_heartbeat(
                    connection, self._run_id, self._user_id, self._pending.next_batch()
                )
                if save:
                    await self._checkpoint.save(connection)
            found = await sent.fetchone()
        if found is None:
            # Someone else has ended the run: its lease had expired, or its thread was deleted.
            record({Metric.LEASE_LOST: 1})
            self._end.decide(failed(NOT_SAVED))
            return
        self._pending.confirm()
        if save:
            self._checkpoint.confirm()
        self._followed = found["followed"]
        if found["stop_requested"]:
            self._end.decide(STOPPED)
