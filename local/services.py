"""Starts Postgres and the demo model on this machine if they are needed."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2

from local.environment import STATE, complete, find_needs
from local.postgres import EmbeddedPostgres
from taskchat.database import Database
from taskchat.database.migrations import migrate
from taskchat.settings import DatabaseSettings

_HOST = "127.0.0.1"
_MODEL_START_SECONDS = 20.0


@asynccontextmanager
async def running_services(environment: Mapping[str, str]) -> AsyncIterator[dict[str, str]]:
    """Start the services that the environment does not name, and migrate the database.

    Yields the environment with their addresses. Raises `EmbeddedPostgresError`, `TaskchatError`.
    """
    needs = find_needs(environment)
    async with AsyncExitStack() as stack:
        database_url = model_url = None
        if needs.database:
            database_url = stack.enter_context(EmbeddedPostgres(STATE / "postgres")).url
        if needs.demo_model:
            model_url = await stack.enter_async_context(_demo_model())
        completed = complete(environment, database_url=database_url, demo_model_url=model_url)
        await _migrate(completed)
        yield completed


@asynccontextmanager
async def _demo_model() -> AsyncIterator[str]:
    """Run the demo model in its own process; yields its base URL."""
    with socket.socket() as free:
        free.bind((_HOST, 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.demo_model", "--port", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await _wait_until_up(f"http://{_HOST}:{port}/healthz")
        yield f"http://{_HOST}:{port}/v1"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _wait_until_up(url: str) -> None:
    async with asyncio.timeout(_MODEL_START_SECONDS), httpx2.AsyncClient() as client:
        while True:
            with contextlib.suppress(httpx2.TransportError):
                if (await client.get(url)).is_success:
                    return
            await asyncio.sleep(0.05)


async def _migrate(environment: Mapping[str, str]) -> None:
    database = Database(DatabaseSettings.from_environment(environment))
    await database.open()
    try:
        await migrate(database)
    finally:
        await database.close()
