"""``python -m tests.benchmarks.chat``: the chat's delays, compared with those of a minimal server.

Both servers answer in turn in one run, share one core and use one scripted model. The model is in
this process, so that one clock measures all times. The product uses a Postgres of its own, with
the durability that `make dev` has.
"""

import asyncio
import json
import sys
import tempfile
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from local.postgres import EmbeddedPostgres
from tests.benchmarks.chat.client import Connection, Exchange, connect
from tests.benchmarks.chat.servers import MODEL_SECONDS, ScriptedModel, serving
from tests.benchmarks.cores import split_cores
from tests.benchmarks.results import Results, at_most, compare
from tests.support.chat import app_environment, message, token_for
from tests.support.model_server import ModelServer, RecordedRequest
from tests.support.postgres import apply_migrations

PEOPLE, WARM_UP, AT_ONCE, ROUNDS = 200, 10, 20, 3
PRODUCT, PEER = "this project", "minimal server, in memory"

FIRST_BYTE = "request → first byte of the response"
FIRST_EVENT = "request → first server-sent event"
ASKED = "request → the model is asked"
SESSION = "session endpoint, then new thread"
TOKEN = "first token leaves the model → in the stream"
END = "model's last byte → end of the answer"
STEP = "tool call leaves the model → step shown"
STEP_DONE = "tool call leaves the model → step complete"
ANSWER = f"message → first token, of a model that takes {MODEL_SECONDS:g} s"
TARGETS = {
    FIRST_BYTE: at_most(20, "ours"),
    FIRST_EVENT: at_most(20, "ours"),
    TOKEN: at_most(1.3),
    STEP: at_most(500, "ours"),
    SESSION: at_most(1000, "ours"),
    ANSWER: at_most(2000, "ours"),
}
ALONE = ("", f"{PEOPLE} people one after the other, 2 messages each")
CROWD = (", crowded", f"{AT_ONCE} people within a second, {ROUNDS} times")

Figures = dict[str, list[float]]


def _figures() -> Figures:
    return defaultdict(list)


@dataclass
class Server:
    """One of the compared servers, with its figures in milliseconds."""

    name: str
    port: int
    model: ScriptedModel
    alone: Figures = field(default_factory=_figures)
    crowded: Figures = field(default_factory=_figures)

    async def converse(self, number: int) -> None:
        """One person's session, a new thread, and a second message that creates a task."""
        headers = {"Authorization": f"Bearer {token_for(f'alone-{number}')}"}
        async with connect(self.port, headers) as connection:
            ready = 0.0
            if self.name == PRODUCT:  # the peer has no session endpoint
                opened = await connection.exchange("GET", "/api/session")
                ready = opened.ended - opened.sent
            created = await self._say(connection, self.alone, f"text {number}")
            ready += created.when("thread.created") - created.sent
            self.alone[SESSION].append(ready * 1e3)
            thread_id = created.events[0][1]["thread"]["id"]
            await self._say(connection, self.alone, f"tool {number}", thread_id)

    async def converse_in_crowd(self, number: int) -> None:
        """One of many people who talk at the same time, with a slow model."""
        await asyncio.sleep(number % AT_ONCE / AT_ONCE)
        headers = {"Authorization": f"Bearer {token_for(f'crowd-{number}')}"}
        async with connect(self.port, headers) as connection:
            await self._say(connection, self.crowded, f"slow {number}")

    async def _say(
        self, connection: Connection, figures: Figures, words: str, thread_id: str | None = None
    ) -> Exchange:
        kind = "threads.add_user_message" if thread_id else "threads.create"
        body = {"type": kind, "params": {"input": message(words), "thread_id": thread_id}}
        exchange = await connection.exchange("POST", "/api/chatkit", json.dumps(body).encode())
        for name, seconds in _delays(exchange, self.model.asked.pop(words)).items():
            figures[name].append(seconds * 1e3)
        return exchange


def _delays(exchange: Exchange, asked: RecordedRequest) -> dict[str, float]:
    sent, left = exchange.sent, asked.sent_at[0]
    delays = {
        FIRST_BYTE: exchange.first_byte - sent,
        FIRST_EVENT: exchange.events[0][0] - sent,
        ASKED: asked.received_at - sent,
    }
    if any("workflow" in json.dumps(event) for _, event in exchange.events):
        shown, complete = exchange.when('"workflow"'), exchange.when("workflow.task.updated")
        return delays | {STEP: shown - left, STEP_DONE: complete - left}
    first_token = exchange.when("text_delta")
    delays |= {TOKEN: first_token - left, END: exchange.ended - asked.sent_at[-1]}
    if left - asked.received_at >= MODEL_SECONDS:
        delays[ANSWER] = first_token - sent
    return delays


async def measure() -> list[Server]:
    """Measure both servers."""
    core = split_cores()
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-"))
        database_url = stack.enter_context(EmbeddedPostgres(Path(directory))).url
        await asyncio.to_thread(apply_migrations, database_url)
        model, endpoint = ScriptedModel(), await stack.enter_async_context(ModelServer())
        endpoint.script(model.respond)
        environment = app_environment(database_url, endpoint)
        servers = []
        for name, factory in ((PRODUCT, "servers:product"), (PEER, "peer:create_app")):
            application = serving(f"tests.benchmarks.chat.{factory}", environment, core)
            port = (await stack.enter_async_context(application)).port
            servers.append(Server(name, port, model))
        for number in range(WARM_UP + PEOPLE):
            for server in servers:
                if number == WARM_UP:
                    server.alone.clear()
                await server.converse(number)
        for start in range(0, ROUNDS * AT_ONCE, AT_ONCE):
            for server in servers:
                people = range(start, start + AT_ONCE)
                await asyncio.gather(*(server.converse_in_crowd(number) for number in people))
        return servers


def results(servers: list[Server]) -> Results:
    """The figures, compared with the peer's."""
    ours, peer = servers
    parts = ((ALONE, ours.alone, peer.alone), (CROWD, ours.crowded, peer.crowded))
    figures = [
        compare(
            f"{name}{suffix}",
            "ms",
            values,
            theirs.get(name),
            peer_name=PEER,
            what=what,
            target=TARGETS.get(name),
        )
        for (suffix, what), mine, theirs in parts
        for name, values in mine.items()
    ]
    return Results.of("chat", "The chat, warm", figures, rounds=PEOPLE)


if __name__ == "__main__":
    sys.exit(results(asyncio.run(measure())).finish())
