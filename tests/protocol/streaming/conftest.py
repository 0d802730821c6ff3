"""A scripted Runtime API, and the runtime started against it as a process of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support.lambda_runtime import RuntimeProcess, running_runtime
from tests.support.runtime_api import RuntimeApi

TASK_ROOT = Path(__file__).parents[3]
CODE = "tests.protocol.streaming"

StartRuntime = Callable[..., Awaitable[RuntimeProcess]]


@pytest.fixture
async def api() -> AsyncIterator[RuntimeApi]:
    async with RuntimeApi() as api:
        yield api


@pytest.fixture
async def start_runtime(api: RuntimeApi) -> AsyncIterator[StartRuntime]:
    """``await start_runtime("module.attribute", VARIABLE="value")``."""
    async with AsyncExitStack() as stack:

        async def start(
            handler: str = f"{CODE}.applications.routes",
            *,
            pass_fds: tuple[int, ...] = (),
            **environment: str,
        ) -> RuntimeProcess:
            runtime = await stack.enter_async_context(
                running_runtime(api.address, handler, TASK_ROOT, environment, pass_fds=pass_fds)
            )
            stack.callback(lambda: print(runtime.text))  # pytest shows it where a test fails
            return runtime

        yield start


@pytest.fixture
async def runtime(start_runtime: StartRuntime) -> RuntimeProcess:
    """The runtime with the application that answers by path."""
    return await start_runtime()
