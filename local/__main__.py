"""`make dev`: everything on this machine, at one address, until Ctrl-C."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2
import uvicorn

from local.app import PAGE, create_app
from local.environment import STATE, complete, find_needs
from local.postgres import EmbeddedPostgres, EmbeddedPostgresError
from taskchat.database import Database
from taskchat.database.migrations import migrate
from taskchat.errors import TaskchatError
from taskchat.settings import DatabaseSettings

HOST = "127.0.0.1"
_MODEL_START_SECONDS = 20.0
_GRACEFUL_SECONDS = 2


async def main() -> None:
    """Start what the environment does not name, serve, and end it all again."""
    port = int(os.environ.get("PORT") or 8000)
    _require_free(port)
    needs = find_needs(os.environ)
    async with AsyncExitStack() as stack:
        database_url = model_url = None
        if needs.database:
            database_url = stack.enter_context(EmbeddedPostgres(STATE / "postgres")).url
        if needs.demo_model:
            model_url = await stack.enter_async_context(_demo_model())
        environment = complete(os.environ, database_url=database_url, demo_model_url=model_url)
        app = create_app(environment)
        await _migrate(environment)
        _greet(port, environment, embedded=needs.database, demo=needs.demo_model)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=HOST,
                port=port,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACEFUL_SECONDS,
            )
        )
        await server.serve()


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise SystemExit(f"Port {port} is in use. Choose another: make dev PORT=8001") from None


@asynccontextmanager
async def _demo_model() -> AsyncIterator[str]:
    """The demo model in a process of its own; yields its base URL."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.demo_model", "--port", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await _wait_until_up(f"http://{HOST}:{port}/healthz")
        yield f"http://{HOST}:{port}/v1"
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


async def _migrate(environment: dict[str, str]) -> None:
    database = Database(DatabaseSettings.from_environment(environment))
    await database.open()
    try:
        await migrate(database)
    finally:
        await database.close()


def _greet(port: int, environment: dict[str, str], *, embedded: bool, demo: bool) -> None:
    model = environment.get("GEMINI_MODEL") or "gemini-2.5-flash"
    lines = {
        "model": "demo, which follows simple rules; set GEMINI_API_KEY for Gemini"
        if demo
        else f"{model} at {environment.get('GEMINI_BASE_URL') or 'Gemini'}",
        "database": f"PostgreSQL 18 in {os.path.relpath(STATE)}" if embedded else "DATABASE_URL",
        "page": "built" if (PAGE / "index.html").exists() else "not built: Node.js is missing",
    }
    bold, dim, plain = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("",) * 3
    print(f"\n  {bold}Task assistant{plain}  http://{HOST}:{port}\n")
    for name, value in lines.items():
        print(f"  {dim}{name:<10}{plain}{value}")
    print(f"\n  {dim}Ctrl-C stops everything.{plain}\n", flush=True)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
    except (TaskchatError, EmbeddedPostgresError) as error:
        raise SystemExit(f"make dev: {error}") from None
