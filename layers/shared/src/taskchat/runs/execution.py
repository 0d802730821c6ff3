"""The making of one answer: a task of its own, apart from the response that shows it.

The response only reads the transcript, so a client that goes away stops nothing. The run ends in
every case: completed, stopped by the person, or failed with a message; where its process dies, its
lease runs out and the next message finds it `lost`.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Protocol

from taskchat.database import Connection, Database
from taskchat.errors import DatabaseError, DatabaseUnavailableError, TaskchatError
from taskchat.runs.models import BEAT_SECONDS, LEASE_SECONDS, Outcome
from taskchat.runs.service import beat, end_run
from taskchat.runs.transcript import Transcript

logger = logging.getLogger(__name__)

GENERIC_FAILURE = "Something went wrong while answering. Your message is saved; please try again."
TOOK_TOO_LONG = "The answer took too long and was ended. What was written is kept; try again."
INTERRUPTED = "The service is restarting. What was written is kept; please try again."


class Drafts(Protocol):
    """The items that a run is still writing; see `RunExecution` for when each method is called."""

    async def save(self, connection: Connection) -> None:
        """Write those that changed since the last time."""

    def usage(self) -> tuple[int, int]:
        """The model's input and output tokens so far."""


class RunExecution:
    """Drives one run: publishes its events, beats, and records how it ended.

    `events` yields ChatKit events as JSON texts and, when cancelled, saves what it has; it may
    still yield after catching the cancellation. `drafts` are saved with every beat.
    """

    def __init__(
        self,
        run_id: str,
        user_id: str,
        *,
        database: Database,
        events: AsyncIterator[str],
        drafts: Drafts,
        timeout_seconds: float,
    ) -> None:
        self.transcript = Transcript()
        self._run_id = run_id
        self._user_id = user_id
        self._database = database
        self._events = events
        self._drafts = drafts
        self._timeout_seconds = timeout_seconds
        self._logged = 0
        self._stop_requested = False
        self._disowned = False
        self._error: str | None = None
        self._saying: asyncio.Task[None] | None = None
        self.task = asyncio.create_task(self._run(), name=run_id)

    def stop(self) -> None:
        """Stop as the person asked: the model stops, no further tool starts."""
        self._stop_requested = True
        self._cancel_saying()

    def interrupt(self) -> None:
        """End because the process is going away."""
        self._error = self._error or INTERRUPTED
        self._cancel_saying()

    def _cancel_saying(self) -> None:
        if self._saying and not self._saying.done():
            self._saying.cancel()

    async def _run(self) -> None:
        self._saying = asyncio.create_task(self._say())
        beating = asyncio.create_task(self._beat_until_ended())
        try:
            await self._wait(self._saying)
        finally:
            beating.cancel()
            await asyncio.wait([beating])
            await self._close()
            self.transcript.end()

    async def _wait(self, saying: asyncio.Task[None]) -> None:
        _, late = await asyncio.wait([saying], timeout=self._timeout_seconds)
        if late:
            self._error = self._error or TOOK_TOO_LONG
            saying.cancel()
            await asyncio.wait([saying])

    async def _say(self) -> None:
        try:
            async for event in self._events:
                self._note(event)
        except asyncio.CancelledError:
            pass
        except TaskchatError as error:
            self._error = str(error)
        except Exception:
            logger.exception("the run failed", extra={"run_id": self._run_id})
            self._error = GENERIC_FAILURE
        else:
            return
        if self._error and not self._stop_requested:
            self._publish({"type": "error", "code": "custom", "message": self._error})

    def _note(self, event: str) -> None:
        parsed = json.loads(event)
        if parsed["type"] == "error":
            self._error = parsed.setdefault("message", GENERIC_FAILURE)
            self._publish({**parsed, "code": "custom"})
        else:
            self.transcript.append(event)

    def _publish(self, error: dict[str, object]) -> None:
        self.transcript.append(json.dumps({"allow_retry": True, **error}))

    async def _beat_until_ended(self) -> None:
        last_success = asyncio.get_running_loop().time()
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self._beat()
                last_success = asyncio.get_running_loop().time()
            except DatabaseError:
                silence = asyncio.get_running_loop().time() - last_success
                logger.warning("the run could not be saved for %.0f s", silence)
                if silence > LEASE_SECONDS:
                    self.interrupt()

    async def _beat(self) -> None:
        events = self.transcript.events[self._logged :]
        async with self._database.transaction() as connection:
            stop_requested = await beat(
                connection,
                self._run_id,
                self._user_id,
                seq=self._logged,
                events=events,
            )
            if stop_requested is not None:
                await self._drafts.save(connection)
        self._logged += len(events)
        if stop_requested is None:
            self._disowned = True
            self.interrupt()
        elif stop_requested:
            self.stop()

    def _outcome(self) -> Outcome:
        input_tokens, output_tokens = self._drafts.usage()
        return Outcome(
            status="stopped" if self._stop_requested else "failed" if self._error else "completed",
            error=None if self._stop_requested else self._error,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
        )

    async def _close(self) -> None:
        """Record the end; while the database is away, for as long as the lease is ours."""
        events = self.transcript.events[self._logged :]
        deadline = asyncio.get_running_loop().time() + LEASE_SECONDS
        while not self._disowned:
            try:
                async with self._database.transaction() as connection:
                    await self._drafts.save(connection)
                    await end_run(
                        connection,
                        self._run_id,
                        self._user_id,
                        self._outcome(),
                        seq=self._logged,
                        events=events,
                    )
                return
            except DatabaseUnavailableError:
                if asyncio.get_running_loop().time() > deadline:
                    logger.exception("the run's end could not be recorded in time")
                    return
                await asyncio.sleep(BEAT_SECONDS)
            except DatabaseError:
                logger.exception("the run's end could not be recorded")
                return


RunsInProgress = dict[str, RunExecution]
"""The runs that this process makes now, by id."""


async def finish_all(runs: RunsInProgress, grace_seconds: float) -> None:
    """End the process's runs: let them finish for a while, then interrupt them."""
    if not runs:
        return
    _, late = await asyncio.wait([run.task for run in runs.values()], timeout=grace_seconds)
    for run in list(runs.values()):
        run.interrupt()
    if late:
        await asyncio.wait(late)
