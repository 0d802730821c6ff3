"""The servers under test, each in a separate process that is bound to one core."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from tests.benchmarks.streaming.loads import LeanRuntimeApi, Load, ask_over_http
from tests.support.lambda_runtime import lambda_environment

_ROOT = Path(__file__).parents[3]
_MODULE = "tests.benchmarks.streaming.applications"


class Peer(Protocol):
    """A running server, and how to send it a load."""

    startup: float
    """Seconds from the start of the process until it accepts the first event."""
    processes: list[psutil.Process]
    """The application's process comes first."""

    async def run(self, load: Load) -> Load: ...


@dataclass
class _Asked:
    api: LeanRuntimeApi
    processes: list[psutil.Process]
    startup: float

    async def run(self, load: Load) -> Load:
        return await self.api.run(load)


@dataclass
class _Served:
    port: int
    at_once: int
    processes: list[psutil.Process]
    startup: float

    async def run(self, load: Load) -> Load:
        return await ask_over_http(self.port, load, self.at_once)


@asynccontextmanager
async def lambda_streaming(core: int, at_once: int) -> AsyncIterator[Peer]:
    command = ["-m", "lambda_streaming"]
    environment = {"AWS_LAMBDA_MAX_CONCURRENCY": str(at_once)}
    async with _behind_api(core, command, "application", environment) as peer:
        yield peer


@asynccontextmanager
async def mangum_buffered(core: int, at_once: int) -> AsyncIterator[Peer]:
    """awslambdaric serves one event at a time. Concurrent events would need more processes."""
    assert at_once == 1
    command = ["-W", "ignore", "-m", "awslambdaric", f"{_MODULE}.buffered"]
    async with _behind_api(core, command, "buffered", {}) as peer:
        yield peer


@asynccontextmanager
async def uvicorn(core: int, at_once: int) -> AsyncIterator[Peer]:
    port, started = _free_port(), time.perf_counter()
    async with _uvicorn(core, port) as process:
        await _accepts(port)
        yield _Served(port, at_once, [process], time.perf_counter() - started)


@asynccontextmanager
async def web_adapter(core: int, at_once: int) -> AsyncIterator[Peer]:
    """As with Lambda Web Adapter: the adapter starts first, and polls once the server responds."""
    port, behind, started = _free_port(), _free_port(), time.perf_counter()
    command = ["-m", "tests.benchmarks.streaming.proxy", str(port), str(behind)]
    async with _pinned(core, command, {}) as proxy, _uvicorn(core, behind) as process:
        await _accepts(behind)
        await _accepts(port)
        yield _Served(port, at_once, [process, proxy], time.perf_counter() - started)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


async def _accepts(port: int) -> None:
    """Wait until a server listens on the port."""
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.002)
            else:
                writer.close()
                return


def _uvicorn(core: int, port: int) -> AbstractAsyncContextManager[psutil.Process]:
    command = ["-m", "uvicorn", "--log-level", "error", "--no-access-log", "--loop", "asyncio"]
    command += ["--http", "h11", "--port", str(port), f"{_MODULE}:application"]
    return _pinned(core, command, {"PATH": os.environ["PATH"]})


@asynccontextmanager
async def _behind_api(
    core: int,
    command: list[str],
    handler: str,
    environment: dict[str, str],
) -> AsyncIterator[Peer]:
    api = LeanRuntimeApi()
    address = await api.start()
    variables = lambda_environment(address, f"{_MODULE}.{handler}", _ROOT) | environment
    del variables["PYTHONWARNINGS"]
    started = time.perf_counter()
    async with _pinned(core, command, variables) as process:
        await api.polled.wait()
        yield _Asked(api, [process], time.perf_counter() - started)


@asynccontextmanager
async def _pinned(
    core: int,
    command: list[str],
    environment: dict[str, str],
) -> AsyncIterator[psutil.Process]:
    process = await asyncio.create_subprocess_exec(
        "taskset",
        "--cpu-list",
        str(core),
        sys.executable,
        *command,
        cwd=_ROOT,
        env=environment,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        await process.wait()
