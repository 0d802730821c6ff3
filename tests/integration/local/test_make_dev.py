"""`make dev` as a process: all of it at one address, and all of it gone after Ctrl-C."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx2
import psutil
import pytest

from local.environment import ROOT
from tests.support.chat import SECRET, ChatClient, done_items, text_of, thread_of, until
from tests.support.model_server import Call, ModelServer, text, tool_calls
from tests.support.network import child_environment

_OTHERS = ("GEMINI_", "JWT_", "DATABASE_")


@dataclass
class Dev:
    """The running command."""

    url: str
    process: asyncio.subprocess.Process


@asynccontextmanager
async def make_dev(database_url: str, **variables: str) -> AsyncIterator[Dev]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    inherited = {k: v for k, v in child_environment().items() if not k.startswith(_OTHERS)}
    environment = {**inherited, "PORT": str(port), "DATABASE_URL": database_url, **variables}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local"), env=environment, stdout=asyncio.subprocess.PIPE
    )
    url = f"http://127.0.0.1:{port}"

    async def is_ready() -> bool:
        assert process.returncode is None
        async with httpx2.AsyncClient() as http:
            try:
                return (await http.get(f"{url}/readyz")).is_success
            except httpx2.TransportError:
                return False

    try:
        await until(is_ready, seconds=60)
        yield Dev(url, process)
    finally:
        if process.returncode is None:
            # Whatever holds its output would keep `communicate` waiting.
            for started in psutil.Process(process.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    started.kill()
            process.kill()
        await process.communicate()


async def sign_in(url: str, user: str) -> ChatClient:
    async with httpx2.AsyncClient(base_url=url) as http:
        token = (await http.post("/api/dev/token", json={"user": user})).json()["access_token"]
    client = ChatClient(url, user, timezone="America/New_York")
    client.http.headers["Authorization"] = f"Bearer {token}"
    return client


async def test_the_demo_model_makes_completes_and_remembers(empty_database_url: str) -> None:
    async with make_dev(empty_database_url) as dev:
        alice = await sign_in(dev.url, "alice")
        async with alice.http:
            made = await alice.create(
                "Create a task called buy groceries and one to call mom tomorrow at 5pm"
            )
            assert text_of(made).startswith("(Demo model)")
            assert len(done_items(made, "widget")) == 2
            thread_id = thread_of(made)
            await alice.say(thread_id, "mark call mom done")
            done = {t["title"]: t["completed_at"] is not None for t in await alice.tasks()}
            assert done == {"Buy groceries": False, "Call mom": True}
            before = await alice.items(thread_id)
    async with make_dev(empty_database_url) as dev:
        alice = await sign_in(dev.url, "alice")
        async with alice.http:
            assert await alice.items(thread_id) == before


async def test_another_endpoint_and_secret_take_the_place_of_the_demo(
    empty_database_url: str,
) -> None:
    async with ModelServer() as model:
        model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added.")])
        async with make_dev(
            empty_database_url, GEMINI_BASE_URL=model.base_url, JWT_SECRET=SECRET
        ) as dev:
            alice = ChatClient(dev.url, "alice")
            async with alice.http:
                assert text_of(await alice.create("Add milk")) == "Added."
                assert [task["title"] for task in await alice.tasks()] == ["Milk"]
            assert "demo_model" not in str([c.cmdline() for c in children(dev)])


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
async def test_ctrl_c_ends_all_that_was_started(
    empty_database_url: str, sent: signal.Signals
) -> None:
    async with make_dev(empty_database_url) as dev:
        started = children(dev)
        assert any("local.demo_model" in " ".join(child.cmdline()) for child in started)

        dev.process.send_signal(sent)

        async with asyncio.timeout(30):
            assert await dev.process.wait() == 0
        assert psutil.wait_procs(started, timeout=5)[1] == []


async def test_a_wrong_setting_stops_the_start_with_one_line(empty_database_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local"),
        env={**os.environ, "DATABASE_URL": empty_database_url, "MESSAGES_PER_DAY": "many"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )

    _, errors = await process.communicate()

    assert process.returncode == 1
    (line,) = errors.decode().splitlines()
    assert "MESSAGES_PER_DAY" in line


def children(dev: Dev) -> list[psutil.Process]:
    return psutil.Process(dev.process.pid).children(recursive=True)


@pytest.mark.timeout(240)
async def test_with_reload_a_changed_file_is_taken_up_and_the_database_stays(
    empty_database_url: str,
) -> None:
    async with AsyncExitStack() as stack, make_dev(empty_database_url, RELOAD="1") as dev:
        alice = await sign_in(dev.url, "alice")
        stack.push_async_callback(alice.http.aclose)
        made = await alice.http.post("/api/tasks", json={"title": "Milk"})
        assert made.status_code == 201
        before = server_of(dev)

        (ROOT / "local" / "app.py").touch()

        async def is_replaced() -> bool:
            return server_of(dev) not in {None, before}

        await until(is_replaced, seconds=60)

        async def answers() -> bool:
            try:
                return [task["title"] for task in await alice.tasks()] == ["Milk"]
            except httpx2.TransportError:
                return False

        await until(answers, seconds=60)
        started = children(dev)
        dev.process.send_signal(signal.SIGINT)
        await asyncio.wait_for(dev.process.wait(), 30)
        _, alive = psutil.wait_procs(started, timeout=10)
        assert alive == []


def server_of(dev: Dev) -> int | None:
    """The process that serves: the last one below the reloader's."""
    servers = []
    for process in children(dev):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(process.cmdline()):
                servers.append(process.pid)
    return servers[-1] if servers else None
