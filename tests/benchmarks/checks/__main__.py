"""``python -m tests.benchmarks.checks``: how much time the checks add to a message.

The product and a copy without the checks answer in turn. The copy does not check the length of a
message, and does not count the person's simultaneous answers, messages and tokens.
"""

import asyncio
import json
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from local.postgres import EmbeddedPostgres
from tests.benchmarks.chat.client import connect
from tests.benchmarks.chat.servers import ScriptedModel, serving
from tests.benchmarks.cores import split_cores
from tests.benchmarks.results import Results, at_most, compare
from tests.support.chat import app_environment, message, token_for
from tests.support.model_server import ModelServer
from tests.support.postgres import apply_migrations

PEOPLE, WARM_UP = 300, 20
MOST_MILLISECONDS = 2.0

FIRST_EVENT = "message → first server-sent event"
WHOLE = "message → end of the answer"

Figures = dict[str, list[float]]


async def _converse(port: int, number: int, figures: Figures) -> None:
    """One person's first message and its answer, in milliseconds."""
    headers = {"Authorization": f"Bearer {token_for(f'person-{number}')}"}
    body = {"type": "threads.create", "params": {"input": message(f"text {number}")}}
    async with connect(port, headers) as connection:
        exchange = await connection.exchange("POST", "/api/chatkit", json.dumps(body).encode())
    figures[FIRST_EVENT].append((exchange.events[0][0] - exchange.sent) * 1e3)
    figures[WHOLE].append((exchange.ended - exchange.sent) * 1e3)


async def measure() -> tuple[Figures, Figures]:
    """The figures with the checks, and without them."""
    core = split_cores()
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-"))
        database_url = stack.enter_context(EmbeddedPostgres(Path(directory))).url
        await asyncio.to_thread(apply_migrations, database_url)
        model = await stack.enter_async_context(ModelServer())
        model.script(ScriptedModel().respond)
        environment = app_environment(database_url, model)
        ports, compared = [], []
        for factory in ("chat.servers:product", "checks.unchecked:product"):
            server = serving(f"tests.benchmarks.{factory}", environment, core)
            ports.append((await stack.enter_async_context(server)).port)
            compared.append(Figures({FIRST_EVENT: [], WHOLE: []}))
        for number in range(2 * (WARM_UP + PEOPLE)):
            side = (number + number // 2) % 2  # each side goes first every other time
            measured = compared[side] if number >= 2 * WARM_UP else {FIRST_EVENT: [], WHOLE: []}
            await _converse(ports[side], number, measured)
    return compared[0], compared[1]


def results(checked: Figures, unchecked: Figures) -> Results:
    """The figures with the checks, compared with those without."""
    target = at_most(MOST_MILLISECONDS, "difference")
    figures = [
        compare(name, "ms", ours, unchecked[name], peer_name="without the checks", target=target)
        for name, ours in checked.items()
    ]
    return Results.of("checks", "What the checks cost a message", figures, rounds=PEOPLE)


if __name__ == "__main__":
    sys.exit(results(*asyncio.run(measure())).finish())
