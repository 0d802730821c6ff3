"""Runs the servers in separate processes under uvicorn, with a model that records its times."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette

from local.app import create_app
from tests.support.model_server import (
    DONE,
    Call,
    Part,
    RecordedRequest,
    Reply,
    chunk,
    event,
    raw,
    text,
    tool_calls,
)

MODEL_SECONDS = 1.0
"""How long the slow model takes for its first token. Ten tokens per second follow."""


def product() -> Starlette:
    """Everything that `make dev` serves."""
    return create_app(os.environ)


@dataclass(frozen=True)
class Serving:
    """A server that is ready, and its process."""

    port: int
    pid: int


@asynccontextmanager
async def serving(
    factory: str, environment: Mapping[str, str], core: int | None = None
) -> AsyncIterator[Serving]:
    """Serve the application that `factory` (`module:name`) makes, on one core if given."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", "--factory", factory, "--port", str(port)),
        *("--log-level", "warning", "--no-access-log"),
        cwd=Path(__file__).parents[3],
        env={"PATH": os.environ["PATH"], **environment},
    )
    try:
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        async with asyncio.timeout(30):
            while not await _accepts(port):
                if process.returncode is not None:
                    raise RuntimeError(f"{factory} ended before it served")
                await asyncio.sleep(0.05)
        yield Serving(port, process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


class ScriptedModel:
    """Answers a message by its first word: `text`, `tool` or `slow`."""

    def __init__(self) -> None:
        self.asked: dict[str, RecordedRequest] = {}
        """The first request for each message, with the times of its tokens."""

    def respond(self, request: RecordedRequest) -> Reply:
        """For `ModelServer.script`."""
        messages = request.json["messages"]
        said = [message["content"] for message in messages if message["role"] == "user"][-1]
        said = said if isinstance(said, str) else said[0]["text"]
        self.asked.setdefault(said, request)
        if messages[-1]["role"] == "tool":
            return text("It", " is in", " your list.")
        match said.partition(" ")[0]:
            case "tool":
                return tool_calls(Call("create_task", {"title": "Call mom"}, id="call-1"))
            case "slow":
                words: list[Part] = [event(chunk({"content": "word "})), 0.1]
                return raw(MODEL_SECONDS, *(words * 8), event(chunk(finish="stop")), DONE)
            case _:
                return text("You", " have", " nothing", " to do", " today.")
