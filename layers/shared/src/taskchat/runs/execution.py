"""Makes one answer, in a task that is separate from the response that shows it.

The response only reads the transcript, so a client that disconnects does not stop the run. A run
always ends: it completes, the person stops it, or it fails with a message. If its process dies, its
lease expires, and another process marks the run as lost.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

from taskchat.database import Database, with_retries
from taskchat.errors import DatabaseError, TaskchatError
from taskchat.metrics import Metric, record
from taskchat.runs.checkpoint import Checkpoint
from taskchat.runs.end_reason import COMPLETED, STOPPED, EndReason, EndStatus, RunEnd, failed
from taskchat.runs.ending import end_run, take_run
from taskchat.runs.event_log import PendingEvents
from taskchat.runs.events import error_event
from taskchat.runs.heartbeats import Heartbeats
from taskchat.runs.models import LEASE_SECONDS, Outcome
from taskchat.runs.time_budget import HALT_SECONDS
from taskchat.runs.transcript import Transcript
from taskchat.runs.words import GENERIC_FAILURE, INTERRUPTED, TOOK_TOO_LONG

logger = logging.getLogger(__name__)

_TEXT = '"assistant_message.content_part.text_delta"'
_METRICS: dict[EndStatus, Metric] = {
    "completed": Metric.RUN_COMPLETED,
    "stopped": Metric.RUN_STOPPED,
    "failed": Metric.RUN_FAILED,
}


class RunExecution:
    """Drives one run: publishes its events, keeps its lease, and records how it ended.

    `events` yields ChatKit events as JSON texts. If it raises a `TaskchatError`, the person sees
    the error as the answer's last event. It is cancelled at most once, and may then take a moment
    to finish what it has begun. `checkpoint` is saved while the answer grows and closed at its end.
    The answer ends at `deadline`, a time of the event loop's clock.

    The run goes on until the answer is complete or something ends it earlier: Stop, an error, the
    deadline, the loss of its lease, or the end of the process.
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
        self._end = RunEnd()
        self._pending = PendingEvents(self.transcript)
        self._heartbeats = Heartbeats(
            run_id,
            user_id,
            database=database,
            pending=self._pending,
            checkpoint=checkpoint,
            end=self._end,
        )
        self._began_at = time.perf_counter()
        self._first_token_at: float | None = None
        self.task = asyncio.create_task(self._run(), name=run_id)

    def stop(self) -> None:
        """Stop the answer at the person's request: the model stops, and no further tool starts."""
        self._end.decide(STOPPED)

    def interrupt(self) -> None:
        """End the unfinished answer because the process ends."""
        self._end.decide(failed(INTERRUPTED))

    async def _run(self) -> None:
        saying = asyncio.create_task(self._say())
        heartbeats = asyncio.create_task(self._heartbeats.send_until(saying))
        try:
            await self._wait(saying)
        finally:
            await asyncio.wait([saying])
            reason = await self._say_the_end()
            # Not cancelled: nobody would know whether a cancelled heartbeat was committed.
            await asyncio.wait([heartbeats])
            outcome = self._outcome(reason)
            await self._record_end(outcome)
            self._measure(outcome)
            self.transcript.end()

    async def _wait(self, saying: asyncio.Task[None]) -> None:
        """Wait until the answer is complete or must end."""
        decided = asyncio.create_task(self._end.wait())
        left = self._deadline - asyncio.get_running_loop().time()
        try:
            done, _ = await asyncio.wait(
                [saying, decided], timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                self._end.decide(failed(TOOK_TOO_LONG))
            if saying not in done:
                self._checkpoint.halt()
                await asyncio.wait([saying], timeout=HALT_SECONDS)
        except asyncio.CancelledError:
            self.interrupt()
            raise
        finally:
            decided.cancel()
            saying.cancel()

    async def _say(self) -> None:
        try:
            async for event in self._events:
                self._note(event)
        except asyncio.CancelledError:
            pass
        except TaskchatError as error:
            self._end.decide(failed(str(error), retryable=error.retryable))
        except Exception:
            logger.exception("the run failed", extra={"run_id": self._run_id})
            self._end.decide(failed(GENERIC_FAILURE))

    def _note(self, event: str) -> None:
        if self._first_token_at is None and _TEXT in event:
            self._first_token_at = time.perf_counter()
        self.transcript.append(event)

    async def _say_the_end(self) -> EndReason:
        """Close the open items, publish the last events, and return the final reason."""
        try:
            for event in await self._checkpoint.close():
                self.transcript.append(event)
        except Exception:
            logger.exception("the answer's items could not be closed")
            self._end.decide(failed(GENERIC_FAILURE))
        reason = self._end.decide(COMPLETED)
        if reason.error:
            self.transcript.append(error_event(reason.error, allow_retry=reason.retryable))
        return reason

    def _outcome(self, reason: EndReason) -> Outcome:
        input_tokens, output_tokens = self._checkpoint.usage()
        return Outcome(
            status=reason.status,
            error=reason.error,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
        )

    async def _record_end(self, outcome: Outcome) -> None:
        """Record the end. If the database is unavailable, retry for the length of a lease."""
        try:
            await with_retries(lambda: self._try_to_record_end(outcome), LEASE_SECONDS)
        except DatabaseError:
            logger.exception("the run's end could not be recorded")

    async def _try_to_record_end(self, outcome: Outcome) -> None:
        async with self._database.transaction() as connection:
            run = (self._run_id, self._user_id)
            if thread_id := await take_run(connection, *run):
                async with connection.committing():
                    await self._checkpoint.save(connection)
                    await end_run(connection, *run, thread_id, outcome, rest=self._pending.rest())

    def _measure(self, outcome: Outcome) -> None:
        values = {
            Metric.RUN_DURATION: (time.perf_counter() - self._began_at) * 1000,
            _METRICS[outcome.status]: 1,
            Metric.INPUT_TOKENS: outcome.input_tokens,
            Metric.OUTPUT_TOKENS: outcome.output_tokens,
        }
        if self._first_token_at is not None:
            values[Metric.TIME_TO_FIRST_TOKEN] = (self._first_token_at - self._began_at) * 1000
        record(values)
        logger.info("the answer is %s", outcome.status)
