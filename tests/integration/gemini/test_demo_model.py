"""The demo model as a process of its own, asked by the same client as Gemini."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from taskchat.gemini import create_client
from taskchat.settings import GeminiSettings
from tests.integration.gemini.session import Session
from tests.support.model_server import ModelServer

COMMAND = ("-m", "local.demo_model", "--first-token-seconds", "0.01", "--word-seconds", "0.001")
PARENT = (
    "import subprocess, sys; "
    f"child = subprocess.Popen([sys.executable, *{COMMAND!r}], stdout=subprocess.PIPE); "
    "print(child.pid, child.stdout.readline().decode(), flush=True); sys.stdin.read()"
)


async def read_line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), timeout=30)).decode()


@asynccontextmanager
async def demo_model() -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *COMMAND, stdout=asyncio.subprocess.PIPE
    )
    try:
        found = re.search(r"http://127\.0\.0\.1:\d+/v1/", await read_line(process))
        assert found
        yield process, found[0]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_an_agent_does_what_the_person_asks_for() -> None:
    async with demo_model() as (_, base_url):
        settings = GeminiSettings.from_environment(
            {"GEMINI_API_KEY": "none", "GEMINI_BASE_URL": base_url}
        )
        async with create_client(settings, "none") as client:
            session = Session(ModelServer(), settings, client)
            result = await session.run("add buy milk and call the bank")

    assert sorted(session.executed) == [
        ("create_task", "Buy milk"),
        ("create_task", "Call the bank"),
    ]
    assert result.final_output.startswith("(Demo model) I added 2 tasks:")
    assert result.context_wrapper.usage.total_tokens > 0


async def test_it_ends_on_sigterm() -> None:
    async with demo_model() as (process, _):
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), timeout=10)


async def test_it_ends_with_the_process_that_started_it() -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PARENT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    child, address = (await read_line(parent)).split(" ", 1)
    health = address.split()[-1].replace("/v1/", "/healthz")

    parent.kill()
    await parent.wait()

    async with httpx2.AsyncClient() as client:
        for _ in range(100):
            if not await answers(client, health):
                return
            await asyncio.sleep(0.1)
    os.kill(int(child), signal.SIGKILL)
    pytest.fail("the demo model is still there")


async def answers(client: httpx2.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx2.TransportError:
        return False
