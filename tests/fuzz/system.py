"""The whole system in separate processes: the local server, the demo model, a real Postgres."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.support.chat import SECRET

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
FAST = ("--first-token-seconds=0", "--word-seconds=0")


@dataclass(frozen=True)
class System:
    """The system's address and its log file."""

    url: str
    log: Path


@contextmanager
def running_system(database_url: str, directory: Path) -> Iterator[System]:
    """Runs the system during the block, with limits that are never reached."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = directory / "server.log"
    with _process("local.demo_model", *FAST, stdout=subprocess.PIPE) as model:
        assert model.stdout
        environment = os.environ | {
            "PORT": str(port),
            "DATABASE_URL": database_url,
            "GEMINI_BASE_URL": model.stdout.readline().decode().split()[-1],
            "GEMINI_API_KEY": "none",
            "GEMINI_MODEL": "demo",
            "JWT_SECRET": SECRET,
            "MESSAGES_PER_MINUTE": "1000000",
            "MESSAGES_PER_DAY": "1000000",
            "CHANGES_PER_MINUTE": "1000000",
            "TOKENS_PER_DAY": "0",
            "RUNS_PER_PERSON": "1000",
            "FOLLOWERS_PER_PERSON": "1000",
        }
        with (
            log.open("wb") as output,
            _process("local", env=environment, stdout=output, stderr=output) as server,
        ):
            url = f"http://127.0.0.1:{port}"
            _wait_until_up(url, server, log)
            yield System(url, log)


@contextmanager
def _process(module: str, *arguments: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=ROOT, **options) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        assert server.poll() is None, log.read_text()
        try:
            if httpx2.get(f"{url}/readyz", timeout=5).is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")
