"""One execution environment: a process that runs the built function, and its Runtime API."""

import asyncio
import contextlib
import os
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from local.emulator.invocation import FunctionError, Invocation, TimedOutError
from local.emulator.runtime_api import RuntimeApi
from local.emulator.specification import FunctionSpec
from local.emulator.variables import function_variables, region

SHUTDOWN_SECONDS = 2.0

Log = Callable[[str], None]


class Environment:
    """Starts once and handles invocations until it is stopped or its process ends.

    If it handles one request at a time, its process is frozen in between, as on Lambda.
    """

    def __init__(self, function: FunctionSpec, root: Path, log: Log) -> None:
        self._function = function
        self._root = root
        self._log = log
        arn = f"arn:aws:lambda:{region(os.environ)}:000000000000:function:{function.name}"
        self._api = RuntimeApi(arn)
        self._process: Process | None = None
        self._exit: asyncio.Task[None] | None = None
        self.max_memory_mb = 0
        """Peak memory of the process, or 0 if the system does not report it."""

    @property
    def alive(self) -> bool:
        """Whether the process is running or frozen."""
        return self._exit is not None and not self._exit.done()

    @property
    def pid(self) -> int:
        """The id of the process, which leads its own process group."""
        if self._process is None:
            raise RuntimeError("the environment was not started")
        return self._process.pid

    @property
    def runtime_api(self) -> str:
        """The value of AWS_LAMBDA_RUNTIME_API."""
        return self._api.address

    async def start(self, seconds: float) -> None:
        """Start the process and wait until it asks for its first event. Raises `FunctionError`."""
        await self._spawn()
        await self._until(self._api.polled.wait(), seconds)

    async def start_until_snapshot(self, seconds: float) -> None:
        """Start the process, wait until it is ready for SnapStart's snapshot, and freeze it.

        Raises `FunctionError`.
        """
        await self._spawn()
        await self._until(self._api.snapshot.wait(), seconds)
        self._signal(signal.SIGSTOP)

    async def restore(self, seconds: float) -> None:
        """Resume the process after a snapshot, and wait until it asks for its first event.

        Raises `FunctionError`.
        """
        self._api.restore.set()
        self._signal(signal.SIGCONT)
        await self._until(self._api.polled.wait(), seconds)

    async def _spawn(self) -> None:
        await self._api.__aenter__()
        variables = function_variables(self._function, self._root)
        self._process = await asyncio.create_subprocess_exec(
            self._root / "var/runtime/bootstrap",
            cwd=self._root / "var/task",
            env=variables | {"AWS_LAMBDA_RUNTIME_API": self.runtime_api},
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            # In its own group, so that Ctrl-C does not reach it, but in the terminal's session:
            # if the emulator dies, the kernel wakes and ends frozen processes.
            process_group=0,
        )
        self._exit = asyncio.create_task(self._watch(self._process))

    async def invoke(self, invocation: Invocation) -> None:
        """Pass the event to the runtime; returns when the runtime is ready for another.

        Raises `FunctionError` if the process ends or exceeds the function's timeout. The
        environment cannot be used after that.
        """
        seconds = self._function.timeout_seconds
        invocation.deadline_ms = int((time.time() + seconds) * 1000)
        self._signal(signal.SIGCONT)
        self._api.polled.clear()
        self._api.offer(invocation)
        try:
            await self._until(self._done_with(invocation), seconds)
        finally:
            self._api.withdraw(invocation)
            self._read_memory()
        if self._function.max_concurrency == 1:
            self._signal(signal.SIGSTOP)

    async def _done_with(self, invocation: Invocation) -> None:
        await invocation.answer.ended.wait()
        if self._function.max_concurrency == 1:
            await self._api.polled.wait()

    async def _until(self, awaited: Coroutine[Any, Any, Any], seconds: float) -> None:
        assert self._exit is not None
        task = asyncio.ensure_future(awaited)
        try:
            await asyncio.wait(
                {task, self._exit}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            task.cancel()
        if task.done() and not task.cancelled():
            return
        if not self._exit.done():
            raise TimedOutError(seconds)
        status = _describe(self._process.returncode if self._process else None)
        message = f"Runtime exited with error: {status}"
        raise self._api.init_error or FunctionError("Runtime.ExitError", message)

    async def _watch(self, process: Process) -> None:
        assert process.stdout is not None
        while line := await _read_line(process.stdout):
            self._log(line)
        await process.wait()
        await self._api.__aexit__(None, None, None)

    def _read_memory(self) -> None:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self.max_memory_mb = -(-int(line.split()[1]) // 1024)

    async def stop(self) -> None:
        """End the process with SIGTERM, or with SIGKILL if it does not end in time."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        if self._exit:
            await asyncio.wait({self._exit}, timeout=SHUTDOWN_SECONDS)
        await self.kill()

    async def kill(self) -> None:
        """End the process at once."""
        self._signal(signal.SIGKILL)
        if self._exit:
            # Cancelling this wait must not cancel the watcher, which closes the Runtime API.
            await asyncio.shield(self._exit)
        else:
            await self._api.__aexit__(None, None, None)

    def _signal(self, number: int) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


async def _read_line(stream: asyncio.StreamReader) -> str:
    try:
        line = await stream.readline()
    except ValueError:  # longer than the buffer: the rest follows as a separate line
        line = await stream.read(64 * 1024)
    return line.decode(errors="replace").rstrip("\n") or (" " if line else "")


def _describe(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        return f"signal: {signal.Signals(-returncode).name}"
    return f"exit status {returncode}"
