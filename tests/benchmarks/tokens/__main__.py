"""``python -m tests.benchmarks.tokens``: the cost of a token while many answers are made at once.

A hundred people send a message at the same time. The model streams 300 tokens to each, as fast as
they are read. The product and the minimal server of the chat's benchmark take turns, each time in a
new process on one core. The model, Postgres and the readers use the other core. At the end, many
pages of one person follow one answer.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from local.postgres import EmbeddedPostgres
from tests.benchmarks.chat.servers import Serving, serving
from tests.benchmarks.cores import processor_seconds, split_cores
from tests.benchmarks.results import Figure, Results, at_least, at_most, compare
from tests.benchmarks.tokens.model import TEXT, TOKENS, model
from tests.benchmarks.tokens.readers import Reader
from tests.support.chat import app_environment, message
from tests.support.model_server import ModelServer
from tests.support.postgres import apply_migrations

ROUNDS = int(os.environ.get("ROUNDS", "3"))
ANSWERS = 100
OURS, NAIVE = "this project", "minimal server, in memory"

RATE = f"{ANSWERS} answers at once"
FIRST = f"{ANSWERS} answers at once: first token"
MEMORY = "memory per answer"
PROCESSOR = "processor time per token"
UNITS = {RATE: "tokens/s", FIRST: "s", MEMORY: "MB", PROCESSOR: "ms"}
TARGETS = {RATE: at_least(1.3), FIRST: at_most(0.5), MEMORY: at_most(0.4, "ours")}

WARM_UP = 3
"""Answers before the measurement, so that everything is imported and created."""

FOLLOWERS = (0, 50, 1000)
"""How many pages follow one answer: none, one person's tabs, and a crowd."""

CREATE = {"type": "threads.create", "params": {"input": message("Go on")}}


@dataclass
class Side:
    """One of the compared servers, with its figures."""

    factory: str
    figures: dict[str, list[float]] = field(default_factory=dict)

    async def answer_all(self, server: Serving, crowd: str) -> None:
        """Answer each person once."""
        _forget_peak(server.pid)
        memory, processor = _memory(server.pid, "VmRSS"), processor_seconds(server.pid)
        began = time.monotonic()
        readers = [Reader() for _ in range(ANSWERS)]
        await asyncio.gather(
            *(
                reader.ask(server.port, f"{crowd}-{number}", CREATE)
                for number, reader in enumerate(readers)
            )
        )
        took = time.monotonic() - began
        if any(reader.text != TEXT for reader in readers):
            raise RuntimeError("an answer is not what the model said")
        first = statistics.median(reader.first_token - reader.sent for reader in readers)
        grown = _memory(server.pid, "VmHWM") - memory
        used = processor_seconds(server.pid) - processor
        for name, value in {
            RATE: ANSWERS * TOKENS / took,
            FIRST: first,
            MEMORY: grown / ANSWERS,
            PROCESSOR: used * 1e3 / (ANSWERS * TOKENS),
        }.items():
            self.figures.setdefault(name, []).append(value)


@dataclass(frozen=True)
class Following:
    """The cost of an answer with followers: processor time in seconds, memory in MB."""

    joining: float
    """Until all followers had read the answer so far."""
    reading: float
    """For the second half of the answer."""
    memory: float


async def _follow(server: Serving, gate: asyncio.Event, person: str, followers: int) -> Following:
    gate.clear()
    _forget_peak(server.pid)
    memory, before = _memory(server.pid, "VmRSS"), processor_seconds(server.pid)
    readers = [Reader() for _ in range(1 + followers)]
    asking = [asyncio.ensure_future(readers[0].ask(server.port, person, CREATE))]
    await _until_reading(readers[:1])
    listed = Reader()
    await listed.ask(server.port, person, {"type": "threads.list", "params": {}})
    action = {"type": "run.follow", "payload": {}}
    params = {"thread_id": listed.json["data"][0]["id"], "item_id": None, "action": action}
    body = {"type": "threads.custom_action", "params": params}
    asking += [
        asyncio.ensure_future(reader.ask(server.port, person, body)) for reader in readers[1:]
    ]
    await _until_reading(readers)
    joined = processor_seconds(server.pid)
    gate.set()
    await asyncio.gather(*asking)
    if any(reader.text != TEXT for reader in readers):
        raise RuntimeError("a follower read something else than the model said")
    return Following(
        joining=joined - before,
        reading=processor_seconds(server.pid) - joined,
        memory=_memory(server.pid, "VmHWM") - memory,
    )


async def _until_reading(readers: list[Reader]) -> None:
    async with asyncio.timeout(60):
        for reader in readers:
            await reader.reading.wait()


def _memory(pid: int, kind: str) -> float:
    """Resident memory in MB: now (`VmRSS`), or the peak since `_forget_peak` (`VmHWM`)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) / 1024


def _forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


async def measure() -> tuple[dict[str, Side], dict[int, Following]]:
    """Measure both sides, and the cost of an answer by its number of followers."""
    core = split_cores()
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-"))
        database_url = stack.enter_context(EmbeddedPostgres(Path(directory))).url
        await asyncio.to_thread(apply_migrations, database_url)
        fast = await stack.enter_async_context(model())
        gate = asyncio.Event()
        gated = await stack.enter_async_context(model(gate))
        environment = app_environment(database_url, ModelServer())
        fast_environment = {**environment, "GEMINI_BASE_URL": fast}
        sides = {OURS: Side("servers:product"), NAIVE: Side("peer:create_app")}
        for number in range(ROUNDS):
            for _, side in sorted(sides.items(), reverse=number % 2 == 1):
                application = f"tests.benchmarks.chat.{side.factory}"
                async with serving(application, fast_environment, core) as server:
                    for warm_up in range(WARM_UP):
                        await Reader().ask(server.port, f"warm-up-{warm_up}", CREATE)
                    await side.answer_all(server, f"crowd{number}")
        followed = serving(
            "tests.benchmarks.chat.servers:product", {**environment, "GEMINI_BASE_URL": gated}, core
        )
        server = await stack.enter_async_context(followed)
        await _follow(server, gate, "warm-up", 10)
        costs = {n: await _follow(server, gate, f"person-{n}", n) for n in FOLLOWERS}
        return sides, costs


def results(sides: dict[str, Side], costs: dict[int, Following]) -> Results:
    """The figures, compared with the peer's. The peer has no followers to compare."""
    figures = [
        compare(
            name,
            unit,
            sides[OURS].figures[name],
            sides[NAIVE].figures[name],
            peer_name=NAIVE,
            target=TARGETS.get(name),
        )
        for name, unit in UNITS.items()
    ]
    alone = costs.pop(0)
    for number, cost in costs.items():
        each = {
            ("joining", "ms"): (cost.joining - alone.joining) * 1e3,
            ("a token", "µs"): (cost.reading - alone.reading) * 1e6 / (TOKENS / 2),
            ("memory", "KB"): (cost.memory - alone.memory) * 1024,
        }
        figures += [
            Figure(name=f"{number} followers, each: {name}", unit=unit, ours=value / number)
            for (name, unit), value in each.items()
        ]
    return Results.of("tokens", "Many answers at once", figures, rounds=ROUNDS)


if __name__ == "__main__":
    sys.exit(results(*asyncio.run(measure())).finish())
