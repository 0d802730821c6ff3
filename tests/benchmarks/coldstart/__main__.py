"""``python -m tests.benchmarks.coldstart``: cold starts, compared with a naive application.

Each start is a new process on one core. The client, the model and Postgres use the other core. Both
sides run from byte code, in turn, and each figure is the median.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from local.emulator.filesystem import lay_out
from local.emulator.project import project_functions
from local.postgres import EmbeddedPostgres
from tests.benchmarks.coldstart.starts import (
    NAIVE_PACKAGES,
    Call,
    Moment,
    Start,
    restore_function,
    size_in_mb,
    start_function,
    start_naive,
)
from tests.benchmarks.cores import split_cores
from tests.benchmarks.results import Results, at_most, compare
from tests.support.builds import HOST, built
from tests.support.chat import app_environment, message, token_for
from tests.support.model_server import ModelServer, RecordedRequest, Reply, text
from tests.support.postgres import apply_migrations

ROUNDS = int(os.environ.get("ROUNDS", "5"))
MODEL_SECONDS = 1.0
OURS, NAIVE = "this project", "naive application"

EVENT = "answer: first event"
TOKEN = "answer: first token, the model at once"
SLOW = f"answer: first token, the model after {MODEL_SECONDS:g} s"
RESTORED = f"restored: first token, the model after {MODEL_SECONDS:g} s"
LIST, REFUSED, STOP = "list of threads", "401", "stop"
MEMORY = "memory after the answer"
SIZE = "size of layers and functions"

TARGETS = {
    EVENT: at_most(0.25),
    TOKEN: at_most(0.33),
    SLOW: at_most(2.0, "ours"),
    RESTORED: at_most(1.3, "ours"),
    LIST: at_most(0.25),
    REFUSED: at_most(0.25),
    STOP: at_most(0.25),
    MEMORY: at_most(0.65),
    SIZE: at_most(0.4),
}
UNITS = {MEMORY: "MB", SIZE: "MB"}
WHAT = {RESTORED: "the peer has no snapshots, and starts anew"}

Figures = dict[str, list[float]]
Starter = Callable[[Call], Awaitable[Start]]


@dataclass(frozen=True)
class Side:
    """One of the compared applications. `start` starts the chat, `start_api` the REST API.

    `restore` starts the chat from a snapshot, if the side has snapshots.
    """

    start: Starter
    start_api: Starter
    restore: Starter
    figures: Figures = field(default_factory=dict)
    processor: Figures = field(default_factory=dict)
    """The processor time until the same moments. It does not depend on the machine's load."""

    def note(self, name: str, value: float) -> None:
        """Record one figure."""
        self.figures.setdefault(name, []).append(value)

    def note_moment(self, name: str, moment: Moment | None) -> None:
        """Record when something happened. Raises `RuntimeError` if it did not happen."""
        if moment is None:
            raise RuntimeError(f"{name} never came")
        self.note(name, moment.seconds)
        self.processor.setdefault(name, []).append(moment.processor)


def _chat(kind: str, status: int = 200, user: str | None = "alice", **params: object) -> Call:
    headers = {"authorization": f"Bearer {token_for(user)}"} if user else {}
    body = json.dumps({"type": kind, "params": params})
    return Call("POST", "/api/chatkit", status, headers, body)


async def measure() -> dict[str, Side]:
    """Measure both sides."""
    core = split_cores()
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-"))
        database_url = stack.enter_context(EmbeddedPostgres(Path(directory))).url
        await asyncio.to_thread(apply_migrations, database_url)
        model = await stack.enter_async_context(ModelServer())
        model.script(_respond)
        environment = app_environment(database_url, model)
        functions = {spec.name: spec for spec in project_functions(built(HOST), environment)}
        roots = {name: stack.enter_context(lay_out(functions[name])) for name in functions}

        def function(name: str) -> Starter:
            return lambda call: start_function(functions[name], roots[name], core, call)

        async def restored(call: Call) -> Start:
            name = "ChatKitFunction"
            return await restore_function(functions[name], roots[name], core, call)

        async def naive(call: Call) -> Start:
            return await start_naive(environment, core, call)

        sides = {
            OURS: Side(function("ChatKitFunction"), function("ApiFunction"), restored),
            NAIVE: Side(naive, naive, naive),
        }
        for side in sides.values():  # warm-up: reads the files and creates the tables
            await side.start(_chat("threads.create", input=message("Hello")))
            await side.start_api(_stop())
        for number in range(ROUNDS):
            for _, side in sorted(sides.items(), reverse=number % 2 == 1):
                await _measure_once(side)
    layers = [path for path in built(HOST).iterdir() if path.name.endswith(("Layer", "Function"))]
    sides[OURS].note(SIZE, size_in_mb(*layers))
    sides[NAIVE].note(SIZE, size_in_mb(NAIVE_PACKAGES))
    return sides


async def _measure_once(side: Side) -> None:
    answer = await side.start(_chat("threads.create", input=message("Hello")))
    side.note_moment(EVENT, answer.first_byte)
    side.note_moment(TOKEN, answer.first_token)
    side.note(MEMORY, answer.memory)
    slow = await side.start(_chat("threads.create", input=message("Take your time")))
    side.note_moment(SLOW, slow.first_token)
    restored = await side.restore(_chat("threads.create", input=message("Take your time")))
    side.note_moment(RESTORED, restored.first_token)
    side.note_moment(LIST, (await side.start(_chat("threads.list", limit=20))).ended)
    refused = await side.start(_chat("threads.list", status=401, user=None))
    side.note_moment(REFUSED, refused.ended)
    side.note_moment(STOP, (await side.start_api(_stop())).ended)


def _stop() -> Call:
    headers = {"authorization": f"Bearer {token_for('alice')}"}
    return Call("DELETE", "/api/threads/thr_of_nobody/run", 404, headers)


def _respond(request: RecordedRequest) -> Reply:
    words = ("You", " have", " nothing", " to do", " today.")
    delayed = "Take your time" in json.dumps(request.json["messages"][-1])
    return text(*words, delay=MODEL_SECONDS if delayed else 0.0)


def results(sides: dict[str, Side]) -> Results:
    """The figures, compared with the naive application's."""
    ours, naive = sides[OURS], sides[NAIVE]
    figures = [
        compare(
            name,
            UNITS.get(name, "s"),
            mine,
            naive.figures[name],
            peer_name=NAIVE,
            what=WHAT.get(name, ""),
            target=TARGETS.get(name),
        )
        for name, mine in ours.figures.items()
    ]
    figures += [
        compare(f"{name}: processor", "s", mine, naive.processor[name], peer_name=NAIVE)
        for name, mine in ours.processor.items()
    ]
    return Results.of("coldstart", "Cold start", figures, rounds=ROUNDS)


if __name__ == "__main__":
    sys.exit(results(asyncio.run(measure())).finish())
