"""Small functions behind the emulator, with the layers as they were built."""

import asyncio
import textwrap
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx2
import pytest

from local.emulator import Emulator, Function, FunctionSpec
from tests.support.builds import HOST, built, guarded

STREAMING = {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/lambda-streaming"}


class Logs(list[str]):
    """The emulator's log lines."""

    def of(self, start: str) -> list[str]:
        """The lines whose text, after the function's name, begins like this."""
        return [line for line in self if line.partition(" | ")[2].startswith(start)]

    @property
    def text(self) -> str:
        return "\n".join(self)


@pytest.fixture
def logs() -> Logs:
    return Logs()


@dataclass(frozen=True)
class Served:
    """A function that is being served, and a client for it."""

    function: Function
    client: httpx2.AsyncClient


class Emulate(Protocol):
    """Serves one function whose module `app` has this source."""

    def __call__(self, source: str, **settings: Any) -> AbstractAsyncContextManager[Served]: ...


async def eventually(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


def small_function(task_root: Path, source: str, **settings: Any) -> FunctionSpec:
    """A function whose module `app` has this source, with the layers as they were built."""
    task_root.mkdir(exist_ok=True)
    (task_root / "app.py").write_text(textwrap.dedent(source))
    layers = tuple(built(HOST) / name for name in ("DependenciesLayer", "StreamingLayer"))
    settings = {
        "name": "Tiny",
        "handler": "app.handler",
        "environment": STREAMING,
        "streaming": True,
        "timeout_seconds": 20,
        **settings,
    }
    return guarded(FunctionSpec(task_root=task_root, layers=layers, **settings))


@pytest.fixture
def emulate(tmp_path: Path, logs: Logs) -> Emulate:
    @asynccontextmanager
    async def emulate(source: str, **settings: Any) -> AsyncIterator[Served]:
        spec = small_function(tmp_path / "task", source, **settings)
        log: Callable[[str], None] = logs.append
        async with (
            Emulator([spec], log=log) as emulator,
            httpx2.AsyncClient(base_url=emulator.url, timeout=30) as client,
        ):
            yield Served(emulator.function(spec.name), client)

    return emulate


@pytest.fixture
def emulate_buffered(emulate: Emulate) -> Emulate:
    """For a function in the managed runtime, without the wrapper."""

    def buffered(source: str, **settings: Any) -> AbstractAsyncContextManager[Served]:
        return emulate(source, environment={}, streaming=False, **settings)

    return buffered
