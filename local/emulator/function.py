"""A function, its environments, and the assignment of requests to them."""

import asyncio
import time
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

from local.emulator.environment import Environment, Log
from local.emulator.invocation import FunctionError, Invocation, TimedOutError
from local.emulator.specification import FunctionSpec

INIT_SECONDS = 10.0
"""Lambda's limit for INIT. After it, Lambda tries again, within the limit of an invocation."""


END_SECONDS = 0.25


class ThrottledError(Exception):
    """The function already handles as many requests as its reserved concurrency allows."""


class _Place:
    """An environment, which may still be starting, and the number of requests that use it."""

    start: asyncio.Task[Environment]

    def __init__(self) -> None:
        self.in_use = 0
        self.init_seconds: float | None = None
        """The duration of the start. None once it has been reported."""

    @property
    def environment(self) -> Environment | None:
        """The environment, if it is running."""
        if not self.start.done() or self.start.cancelled() or self.start.exception():
            return None
        environment = self.start.result()
        return environment if environment.alive else None


class Function:
    """Runs each invocation in a free environment, or in a new one."""

    def __init__(self, spec: FunctionSpec, root: Path, log: Log) -> None:
        self.spec = spec
        self._root = root
        self._log = log
        self._places: list[_Place] = []
        self._running: dict[Invocation, asyncio.Task[None]] = {}

    @property
    def pids(self) -> list[int]:
        """The process ids of the running environments."""
        environments = [place.environment for place in self._places]
        return [environment.pid for environment in environments if environment]

    async def begin(self, invocation: Invocation) -> None:
        """Begin an invocation, which continues whether or not its answer is read.

        Raises `ThrottledError`.
        """
        await self._let_end()
        limit = self.spec.reserved_concurrency
        if limit is not None and len(self._running) >= limit:
            raise ThrottledError
        self._running[invocation] = asyncio.create_task(self._run(invocation))

    async def _let_end(self) -> None:
        """Wait briefly for an environment that has answered but not yet asked for the next event.

        A caller that has just read its whole answer then gets the same environment again.
        """
        ending = [task for running, task in self._running.items() if running.answer.ended.is_set()]
        if ending and not any(self._is_free(place) for place in self._places):
            await asyncio.wait(ending, timeout=END_SECONDS, return_when=asyncio.FIRST_COMPLETED)

    def _is_free(self, place: _Place) -> bool:
        usable = place.environment or not place.start.done()
        return bool(usable) and place.in_use < self.spec.max_concurrency

    async def close(self) -> None:
        """End all environments."""
        tasks = [*self._running.values(), *(place.start for place in self._places)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        environments = [place.environment for place in self._places]
        await asyncio.gather(*(environment.stop() for environment in environments if environment))
        self._places.clear()

    async def _run(self, invocation: Invocation) -> None:
        place = self._find_place()
        place.in_use += 1
        error: FunctionError | None = None
        try:
            environment = await asyncio.shield(place.start)
            init_seconds, place.init_seconds = place.init_seconds, None
            self._log(f"START RequestId: {invocation.request_id} Version: $LATEST")
            started = time.perf_counter()
            try:
                await environment.invoke(invocation)
            except FunctionError as failure:
                error = failure
                self._explain(invocation, failure)
                await environment.kill()
            seconds = time.perf_counter() - started
            outcome = error or invocation.answer.error or invocation.trailing_error
            self._report(invocation, environment, seconds, init_seconds, outcome)
        except FunctionError as failure:
            error = failure
        finally:
            place.in_use -= 1
            del self._running[invocation]
        # Last, because it waits for a slow caller.
        await invocation.answer.end(error)

    def _find_place(self) -> _Place:
        """Return a free place, the newest first, so that older ones stay idle."""
        self._places = [place for place in self._places if place.in_use or place.environment]
        for place in reversed(self._places):
            if self._is_free(place):
                return place
        place = _Place()
        place.start = asyncio.create_task(self._start(place))
        self._places.append(place)
        return place

    async def _start(self, place: _Place) -> Environment:
        started = time.perf_counter()
        try:
            environment = await self._start_within(INIT_SECONDS)
        except FunctionError as error:
            seconds = time.perf_counter() - started
            status = "timeout" if isinstance(error, TimedOutError) else f"error\t{_kind(error)}"
            self._log(f"INIT_REPORT Init Duration: {_ms(seconds)}\tPhase: init\tStatus: {status}")
            environment = await self._start_within(self.spec.timeout_seconds)
        place.init_seconds = time.perf_counter() - started
        return environment

    async def _start_within(self, seconds: float) -> Environment:
        environment = Environment(self.spec, self._root, self._log)
        try:
            await environment.start(seconds)
        except BaseException:
            await environment.kill()
            raise
        return environment

    def _explain(self, invocation: Invocation, error: FunctionError) -> None:
        if isinstance(error, TimedOutError):
            now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
            self._log(f"{now}Z {invocation.request_id} {error}")
        else:
            self._log(f"RequestId: {invocation.request_id} Error: {error}\n{error.kind}")

    def _report(
        self,
        invocation: Invocation,
        environment: Environment,
        seconds: float,
        init_seconds: float | None,
        error: FunctionError | None,
    ) -> None:
        """Log Lambda's closing lines. Only an environment's first has an Init Duration."""
        request = f"RequestId: {invocation.request_id}"
        fields = [
            f"Duration: {_ms(seconds)}",
            f"Billed Duration: {ceil((seconds + (init_seconds or 0)) * 1000)} ms",
            f"Memory Size: {self.spec.memory_mb} MB",
            f"Max Memory Used: {environment.max_memory_mb} MB",
        ]
        if init_seconds is not None:
            fields.append(f"Init Duration: {_ms(init_seconds)}")
        if isinstance(error, TimedOutError):
            fields.append("Status: timeout")
        elif error:
            fields += ["Status: error", _kind(error)]
        self._log(f"END {request}")
        self._log("\t".join([f"REPORT {request}", *fields]))


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _kind(error: FunctionError) -> str:
    return f"Error Type: {error.kind}"
