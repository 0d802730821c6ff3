"""`make dev RELOAD=1`: restarts the server and rebuilds the page when a file is saved."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from local.environment import ROOT

_WATCHED = ("functions", "layers/shared/src", "layers/streaming/src", "local")
GRACEFUL_SECONDS = 2
"""How long open streams may continue when the server stops or restarts."""
END_SECONDS = 10
"""How long a process may take to end before it and its children are killed."""
_PATTERNS = ("*.py", "*.sql", "*.widget")


async def serve_and_reload(environment: Mapping[str, str], host: str, port: int) -> None:
    """Serve until the server ends; restart it when a Python, SQL or widget file changes."""
    async with AsyncExitStack() as stack:
        npm = shutil.which("npm")
        if npm and (ROOT / "frontend" / "node_modules").exists():
            await stack.enter_async_context(
                _running(npm, "run", "--silent", "build", "--", "--watch", "--logLevel", "warn")
            )
        server = await stack.enter_async_context(
            _running(
                *(sys.executable, "-m", "uvicorn", "local.app:create_from_environment"),
                *("--factory", "--host", host, "--port", str(port)),
                *("--log-level", "warning", "--no-access-log", "--no-server-header", "--reload"),
                *("--timeout-graceful-shutdown", str(GRACEFUL_SECONDS)),
                *(option for name in _WATCHED for option in ("--reload-dir", name)),
                *(option for name in _PATTERNS for option in ("--reload-include", name)),
                environment=environment,
                directory=".",
            )
        )
        await server.wait()


@asynccontextmanager
async def _running(
    *command: str, environment: Mapping[str, str] | None = None, directory: str = "frontend"
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a process in its own process group, so that no child outlives the block."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        cwd=ROOT / directory,
        stdin=asyncio.subprocess.DEVNULL,
        process_group=0,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), END_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
