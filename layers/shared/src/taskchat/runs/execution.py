"""The making of one answer: a task of its own, apart from the response that shows it.

The response only reads the transcript, so a client that goes away stops nothing. The run ends in
every case: completed, stopped by the person, or failed with a message; where its process dies, its
lease runs out and whoever comes next finds it lost.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Protocol

from taskchat.database import Connection, Database
from taskchat.errors import DatabaseError, DatabaseUnavailableError, TaskchatError
from taskchat.metrics import Metric, record
from taskchat.runs.ending import end_run, take_run
from taskchat.runs.event_log import PendingEvents
from taskchat.runs.events import error_event
from taskchat.runs.models import LEASE_SECONDS, Outcome, RunStatus
from taskchat.runs.service import heartbeat
from taskchat.runs.transcript import Transcript
from taskchat.runs.words import (
    GENERIC_FAILURE,
    INTERRUPTED,
    NOT_SAVED,
    TOOK_TOO_LONG,
)

logger = logging.getLogger(__name__)

LOG_SECONDS = 0.3
"""How soon what was said is in the log, for those who follow from another process."""

HEARTBEAT_SECONDS = 0.9
"""How often a run that says nothing extends its lease and reads the stop flag; and how often the
checkpoint of the items that are being written is saved."""


HALT_SECONDS = 0.2
"""How long an answer that is to end may take to do so by itself, before it is cancelled."""


_TEXT = '"assistant_message.content_part.text_delta"'
_ENDINGS: dict[RunStatus, Metric] = {
    "completed": Metric.RUN_COMPLETED,
    "stopped": Metric.RUN_STOPPED,
    "failed": Metric.RUN_FAILED,
}


class Checkpoint(Protocol):
    """The items that a run is writing; `RunExecution` says when each method is called."""

    async def save(self, connection: Connection) -> None:
        """Write those that changed since the last time that was confirmed."""

    def confirm(self) -> None:
        """The last `save` was committed."""

    def halt(self) -> None:
        """Stop what makes the answer: its events come to their end soon."""

    async def close(self) -> list[str]:
        """Complete the items that are still open; returns the events that say so, as JSON texts."""

    def usage(self) -> tuple[int, int]:
        """The model's input and output tokens so far."""


class RunExecution:
    """Drives one run: publishes its events, keeps its lease, and records how it ended.

    `events` yields ChatKit events as JSON texts; a `TaskchatError` that it raises is told to the
    person last, when everything that was begun has ended. It is cancelled once at most, and may
    take a moment then to bring what it has begun to an end. `checkpoint` is saved as the answer
    grows and closed at its end. The answer ends at `deadline`, a time of the event loop's clock.
    """

    def __init__(
        self,
        run_id: str,
        user_id: str,
        *,
        database: Database,
        events: AsyncIterator[str],
        checkpoint: Checkpoint,
        deadline: float,
    ) -> None:
        self.transcript = Transcript()
        self._run_id = run_id
        self._user_id = user_id
        self._database = database
        self._events = events
        self._checkpoint = checkpoint
        self._deadline = deadline
        self._pending = PendingEvents(self.transcript)
        self._end_requested = asyncio.Event()
        self._stopped = False
        self._disowned = False
        self._retryable = True
        self._error: str | None = None
        self._began_at = time.perf_counter()
        self._first_token_at: float | None = None
        self.task = asyncio.create_task(self._run(), name=run_id)

    def stop(self) -> None:
        """Stop as the person asked: the model stops, no further tool starts."""
        self._stopped = True
        self._end_requested.set()

    def interrupt(self, reason: str = INTERRUPTED) -> None:
        """End before the answer is complete; the reason is told to the person."""
        self._error = self._error or reason
        self._end_requested.set()

    async def _run(self) -> None:
        saying = asyncio.create_task(self._say())
        heartbeats = asyncio.create_task(self._heartbeat_until(saying))
        try:
            await self._wait(saying)
        finally:
            await asyncio.wait([saying])
            await self._say_the_end()
            # Not cancelled: a heartbeat that is cut off may or may not have been committed.
            await asyncio.wait([heartbeats])
            await self._close()
            self._measure()
            self.transcript.end()

    async def _wait(self, saying: asyncio.Task[None]) -> None:
        """Until all is said, or it has to end now."""
        requested = asyncio.create_task(self._end_requested.wait())
        left = self._deadline - asyncio.get_running_loop().time()
        try:
            done, _ = await asyncio.wait(
                [saying, requested], timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                self.interrupt(TOOK_TOO_LONG)
            if saying not in done:
                self._checkpoint.halt()
                await asyncio.wait([saying], timeout=HALT_SECONDS)
        except asyncio.CancelledError:
            self.interrupt()
            raise
        finally:
            requested.cancel()
            saying.cancel()

    async def _say(self) -> None:
        try:
            async for event in self._events:
                self._note(event)
        except asyncio.CancelledError:
            pass
        except TaskchatError as error:
            self._error = self._error or str(error)
            self._retryable = error.retryable
        except Exception:
            logger.exception("the run failed", extra={"run_id": self._run_id})
            self._error = self._error or GENERIC_FAILURE

    def _note(self, event: str) -> None:
        if self._first_token_at is None and _TEXT in event:
            self._first_token_at = time.perf_counter()
        self.transcript.append(event)

    async def _say_the_end(self) -> None:
        try:
            for event in await self._checkpoint.close():
                self.transcript.append(event)
        except Exception:
            logger.exception("the answer's items could not be closed")
            self._error = self._error or GENERIC_FAILURE
        if self._error and not self._stopped:
            self.transcript.append(error_event(self._error, allow_retry=self._retryable))

    async def _heartbeat_until(self, saying: asyncio.Task[None]) -> None:
        clock = asyncio.get_running_loop()
        heartbeat_at = saved_at = clock.time()
        while not (await asyncio.wait([saying], timeout=LOG_SECONDS))[0]:
            now = clock.time()
            if not self._pending and now - heartbeat_at < HEARTBEAT_SECONDS - LOG_SECONDS / 2:
                continue
            save = now - saved_at >= HEARTBEAT_SECONDS
            try:
                await self._heartbeat(save=save)
            except DatabaseError as error:
                silence = clock.time() - heartbeat_at
                logger.warning("the run could not be saved for %.0f s: %r", silence, error)
                if silence > LEASE_SECONDS:
                    self.interrupt(NOT_SAVED)
            else:
                heartbeat_at, saved_at = now, now if save else saved_at

    async def _heartbeat(self, *, save: bool) -> None:
        async with self._database.transaction() as connection:
            stop_requested = await heartbeat(
                connection, self._run_id, self._user_id, self._pending.next_batch()
            )
            if save and stop_requested is not None:
                await self._checkpoint.save(connection)
        if stop_requested is None:
            self._disowned = True
            record({Metric.LEASE_LOST: 1})
            self.interrupt(NOT_SAVED)
            return
        self._pending.confirm()
        if save:
            self._checkpoint.confirm()
        if stop_requested:
            self.stop()

    def _outcome(self) -> Outcome:
        input_tokens, output_tokens = self._checkpoint.usage()
        return Outcome(
            status="stopped" if self._stopped else "failed" if self._error else "completed",
            error=None if self._stopped else self._error,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
        )

    def _measure(self) -> None:
        outcome = self._outcome()
        values = {
            Metric.RUN_DURATION: (time.perf_counter() - self._began_at) * 1000,
            _ENDINGS[outcome.status]: 1,
            Metric.INPUT_TOKENS: outcome.input_tokens,
            Metric.OUTPUT_TOKENS: outcome.output_tokens,
        }
        if self._first_token_at is not None:
            values[Metric.TIME_TO_FIRST_TOKEN] = (self._first_token_at - self._began_at) * 1000
        record(values)
        logger.info("the answer is %s", outcome.status)

    async def _close(self) -> None:
        """Record the end; while the database is away, for as long as the lease is ours."""
        clock = asyncio.get_running_loop()
        give_up_at = clock.time() + LEASE_SECONDS
        while not self._disowned:
            try:
                async with self._database.transaction() as connection:
                    if await take_run(connection, self._run_id, self._user_id):
                        await self._checkpoint.save(connection)
                        await end_run(
                            connection,
                            self._run_id,
                            self._user_id,
                            self._outcome(),
                            rest=self._pending.rest(),
                        )
                return
            except DatabaseUnavailableError:
                if clock.time() > give_up_at:
                    logger.exception("the run's end could not be recorded in time")
                    return
                await asyncio.sleep(LOG_SECONDS)
            except DatabaseError:
                logger.exception("the run's end could not be recorded")
                return


RunsInProgress = dict[str, RunExecution]
"""The runs that this process makes now, by id."""


async def finish_all(runs: RunsInProgress, *, grace_seconds: float, end_seconds: float) -> None:
    """End the process's runs: let them finish for a while, then interrupt them.

    Returns after both times together at the latest.
    """
    if not runs:
        return
    tasks = [run.task for run in runs.values()]
    _, late = await asyncio.wait(tasks, timeout=grace_seconds)
    for run in list(runs.values()):
        run.interrupt()
    if late:
        await asyncio.wait(late, timeout=end_seconds)
