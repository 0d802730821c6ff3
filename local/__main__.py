"""`make dev`: runs everything on this machine, at one address, until Ctrl-C."""

import asyncio
import logging
import os
import signal
import socket
import sys

import uvicorn

from local.app import PAGE, create_app
from local.environment import STATE, find_needs
from local.postgres import EmbeddedPostgresError
from local.reload import GRACEFUL_SECONDS, serve_and_reload
from local.services import running_services
from taskchat.errors import TaskchatError

HOST = "127.0.0.1"


async def main() -> None:
    """Start the services that the environment does not name, serve, and stop everything."""
    port = int(os.environ.get("PORT") or 8000)
    _require_free(port)
    needs = find_needs(os.environ)
    async with running_services(os.environ) as environment:
        _greet(port, environment, embedded=needs.database, demo=needs.demo_model)
        if os.environ.get("RELOAD"):
            await serve_and_reload(environment, HOST, port)
            return
        app = create_app(environment)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=HOST,
                port=port,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACEFUL_SECONDS,
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
    print(f"\n  {bold}Taskchat{plain}  http://{HOST}:{port}\n")
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
