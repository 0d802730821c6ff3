"""`make emulate`: serves the built functions at one local address, until Ctrl-C."""

import argparse
import asyncio
import os
import signal
from pathlib import Path

from local.emulator.emulator import Emulator
from local.emulator.project import local_environment, project_functions, sign_local_token
from local.files import LocalFiles
from local.postgres import EmbeddedPostgresError
from local.services import running_services
from taskchat.errors import TaskchatError
from taskchat.settings import HostSettings


async def main() -> None:
    """Start the services that the environment does not name, and serve the functions."""
    parser = argparse.ArgumentParser(prog="python -m local.emulator", description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="folder that `sam build` filled")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument(
        "--max-concurrency",
        type=int,
        default=int(os.environ.get("AWS_LAMBDA_MAX_CONCURRENCY") or 1),
        help="requests that one environment of the chat function serves at once",
    )
    options = parser.parse_args()
    _end_on_signals()
    given = local_environment(os.environ, pool_size=options.max_concurrency)
    async with running_services(given) as environment:
        functions = project_functions(
            options.build, environment, max_concurrency=options.max_concurrency
        )
        hosts = HostSettings.from_environment(os.environ).allowed_hosts
        files = LocalFiles.from_environment(environment)
        async with Emulator(
            functions, port=options.port, allowed_hosts=hosts, files=files
        ) as emulator:
            _greet(emulator.url, environment)
            await asyncio.Event().wait()


def _end_on_signals() -> None:
    """End this task on Ctrl-C and SIGTERM, even if a shell made this process ignore Ctrl-C."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _greet(url: str, environment: dict[str, str]) -> None:
    print(f"\n  Built functions, as Lambda runs them: {url}\n")
    if token := sign_local_token(environment):
        print(f"  A token for alice:\n\n    export TOKEN={token}\n")
        print(f'    curl -H "Authorization: Bearer $TOKEN" {url}/api/session\n')
    print("  Ctrl-C stops everything.\n", flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except asyncio.CancelledError:
        pass
    except (TaskchatError, EmbeddedPostgresError, OSError) as error:
        raise SystemExit(f"make emulate: {error}") from None
