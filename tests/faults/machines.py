"""Where the system runs while it is troubled: uvicorn, or the built functions in the emulator."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol, Self

from local.emulator import Emulator
from local.emulator.project import project_functions
from tests.support.builds import HOST, built, guarded

ROOT = Path(__file__).parents[2]


class Machine(Protocol):
    """One address that answers, and what is behind it."""

    url: str

    async def kill(self) -> None:
        """End the processes that answer at this moment, by SIGKILL."""


class UvicornProcesses:
    """Starts the local application in processes of its own."""

    def __init__(self) -> None:
        self._parent: Process | None = None
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._parent = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.server"), cwd=ROOT, stdin=PIPE, stdout=PIPE
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._parent
        assert self._parent.stdin
        self._parent.stdin.close()
        await self._parent.wait()

    @asynccontextmanager
    async def machine(self, environment: Mapping[str, str]) -> AsyncIterator[Machine]:
        """A process for as long as the block; after a kill there is none."""
        assert self._parent
        assert self._parent.stdin
        assert self._parent.stdout
        async with self._lock:
            self._parent.stdin.write(json.dumps(dict(environment)).encode() + b"\n")
            pid, port = (await self._parent.stdout.readline()).split()
        process = _UvicornProcess(int(pid), f"http://127.0.0.1:{int(port)}")
        try:
            yield process
        finally:
            await process.kill()


class _UvicornProcess:
    def __init__(self, pid: int, url: str) -> None:
        self.url = url
        self._pid = pid
        self._killed = False

    async def kill(self) -> None:
        if not self._killed:
            self._killed = True
            os.kill(self._pid, signal.SIGKILL)


class _EmulatedMachine:
    def __init__(self, emulator: Emulator) -> None:
        self.url = emulator.url
        self._emulator = emulator

    async def kill(self) -> None:
        for pid in self._emulator.function("ChatKitFunction").pids:
            os.kill(pid, signal.SIGKILL)


@asynccontextmanager
async def emulated(environment: Mapping[str, str], *, at_once: int = 1) -> AsyncIterator[Machine]:
    """The built functions, an environment serving `at_once` requests; killed ones are replaced."""
    given = {**environment, "DATABASE_POOL_SIZE": str(at_once)}
    functions = [
        guarded(replace(function, reserved_concurrency=None))
        for function in project_functions(built(HOST), given, max_concurrency=at_once)
    ]
    async with Emulator(functions, log=lambda _: None) as emulator:
        yield _EmulatedMachine(emulator)
