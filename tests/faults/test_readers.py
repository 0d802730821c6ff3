"""Readers who come late, are many, or go away."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

import h11
import pytest

from tests.faults.conftest import Figure
from tests.faults.jobs import (
    MANY_WORDS,
    JobModel,
    Lanes,
    client_for,
    talkative,
    task_titles,
    together,
    words_of,
)
from tests.faults.machines import UvicornProcesses, emulated
from tests.support.answers import create, follow, rows
from tests.support.chat import ChatClient, app_environment, text_of, until
from tests.support.model_server import ModelServer

FOLLOWERS = 20
EMULATED_FOLLOWERS = 8
ROUNDS = 3
UVICORN_GONE, EMULATOR_GONE = 45, 10


@dataclass
class RawReading:
    """A stream as its bytes came. Read without a client's care, which would cost the readers time
    that is not the server's."""

    body: bytes = b""
    arrived_at: list[float] = field(default_factory=list)
    """When each piece of text came, by `time.monotonic`."""

    @property
    def events(self) -> list[bytes]:
        """The events; comments are left out."""
        parts = [part.strip() for part in self.body.split(b"\n\n")]
        return [part for part in parts if part.startswith(b"data: ")]

    async def read(
        self,
        client: ChatClient,
        kind: str,
        params: dict[str, Any],
        begun: Callable[[bytes], None] = lambda _: None,
    ) -> None:
        """Read it all; `begun` gets the first bytes of the response."""
        address = urlsplit(client.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        body = json.dumps({"type": kind, "params": params}).encode()
        head = {
            "host": address.netloc,
            "authorization": client.http.headers["authorization"],
            "content-type": "application/json",
            "content-length": str(len(body)),
            "connection": "close",
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        writer.write(f"POST /api/chatkit HTTP/1.1\r\n{lines}\r\n".encode() + body)
        received = b""
        while not reader.at_eof():
            try:
                part = await reader.readuntil(b"\n\n")
            except asyncio.IncompleteReadError as rest:
                part = rest.partial
            if b"text_delta" in part:
                self.arrived_at.append(time.monotonic())
            if not received:
                begun(part)
            received += part
        writer.close()
        self.body = _body(received)


def _body(response: bytes) -> bytes:
    """The body of a response, which must be a 200 that ended properly."""
    http = h11.Connection(h11.CLIENT)
    http.send(h11.Request(method="GET", target="/", headers=[("host", "localhost")]))
    http.send(h11.EndOfMessage())
    http.receive_data(response)
    head = http.next_event()
    assert isinstance(head, h11.Response)
    assert head.status_code == 200
    body = b""
    while isinstance(event := http.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage)
    return body


async def warm_up(url: str, at_once: int) -> None:
    """Have as many environments started as so many requests at once need."""
    client = client_for(url, "warm")
    async with client.http:
        await together(*(client.post("threads.list", {}) for _ in range(at_once)))


@pytest.mark.timeout(200)
async def test_followers_see_what_the_first_reader_saw_and_do_not_slow_it(
    uvicorns: UvicornProcesses,
    database_url: str,
    model: ModelServer,
    seed: int,
    figure: Figure,
) -> None:
    model.script(talkative)
    environment = app_environment(database_url, model)

    async def round_of(job: str, url: str, urls: list[str], random: Random) -> float:
        """The first reader's time from the first word to the last, by the model's own time."""
        client = client_for(url, job)
        first = RawReading()
        followers: list[asyncio.Task[list[bytes]]] = []

        async def follow_along(url: str, thread_id: str) -> list[bytes]:
            await asyncio.sleep(random.uniform(0, 1.4))
            reading = RawReading()
            await reading.read(client_for(url, job), *follow(thread_id))
            return reading.events

        def begun(received: bytes) -> None:
            (thread_id,) = set(re.findall(r"thr_[0-9a-f]{32}", received.decode()))
            followers.extend(asyncio.create_task(follow_along(url, thread_id)) for url in urls)

        await first.read(client, *create(f"Do {job}"), begun)
        for seen in await asyncio.gather(*followers):
            assert seen == first.events
        events = [json.loads(event.removeprefix(b"data: ")) for event in first.events]
        assert text_of(events) == "".join(words_of(job, MANY_WORDS))
        sent_at = model.requests[-1].sent_at
        return (first.arrived_at[-1] - first.arrived_at[0]) / (sent_at[MANY_WORDS - 1] - sent_at[0])

    async with (
        uvicorns.machine(environment) as one,
        uvicorns.machine(environment) as other,
        emulated(environment, at_once=5) as emulator,
    ):
        random = Random(seed)  # noqa: S311 - not for secrets
        await round_of("job-warm", one.url, [other.url], random)
        alone, followed = [], []
        for number in range(ROUNDS):
            alone.append(await round_of(f"job-alone-{number}", one.url, [], random))
            urls = [one.url, other.url] * (FOLLOWERS // 2)
            followed.append(await round_of(f"job-{number}", one.url, urls, random))
        await warm_up(emulator.url, EMULATED_FOLLOWERS + 1)
        emulated_urls = [emulator.url] * EMULATED_FOLLOWERS
        await round_of("job-emulated", emulator.url, emulated_urls, random)

    assert len(model.requests) == 2 * ROUNDS + 2
    slower = sorted(followed)[ROUNDS // 2] / sorted(alone)[ROUNDS // 2] - 1
    figure(
        "followers, byte for byte (uvicorn + emulator)",
        f"{ROUNDS * FOLLOWERS} + {EMULATED_FOLLOWERS}, all the same",
    )
    figure("the first reader with 20 followers", f"{slower:+.1%} slower (median of {ROUNDS})")


@pytest.mark.timeout(200)
async def test_an_answer_whose_client_goes_away_is_kept_whole(
    uvicorns: UvicornProcesses,
    environment: dict[str, str],
    model: ModelServer,
    slow_database_url: str,
    seed: int,
    figure: Figure,
) -> None:
    model.script(JobModel())

    async def go_away(job: str, url: str, random: Random) -> Any:
        client = client_for(url, job)

        async def read() -> None:
            async for _ in client.stream(*create(f"Do {job}")):
                pass

        async with client.http:
            reading = asyncio.create_task(read())

            async def begun() -> Any:
                if reading.done():
                    reading.result()
                return await rows(
                    slow_database_url, "select from runs where user_id = %(job)s", job=job
                )

            await until(begun, seconds=30)
            await asyncio.sleep(random.uniform(0, 1.0))
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async with (
        uvicorns.machine(environment) as uvicorn,
        emulated(environment, at_once=3) as emulator,
    ):

        async def on_uvicorn(number: int, random: Random) -> Any:
            await go_away(f"job-u{number}", uvicorn.url, random)

        async def on_emulator(number: int, random: Random) -> Any:
            await go_away(f"job-e{number}", emulator.url, random)

        await together(
            Lanes(seed, 6).run(UVICORN_GONE, on_uvicorn),
            Lanes(seed + 1, 3).run(EMULATOR_GONE, on_emulator),
        )

        async def all_ended() -> bool:
            running = "select from runs where status = 'running'"
            return not await rows(slow_database_url, running)

        await until(all_ended, seconds=30)
        jobs = [f"job-u{n}" for n in range(UVICORN_GONE)]
        jobs += [f"job-e{n}" for n in range(EMULATOR_GONE)]
        for job in jobs:
            client = client_for(uvicorn.url, job)
            async with client.http:
                (thread,) = (await client.post("threads.list", {})).json()["data"]
                items = await client.items(thread["id"])
                assert items[-1]["content"][0]["text"] == "".join(words_of(job))
                assert sorted(task["title"] for task in await client.tasks()) == task_titles(job)

    figure(
        "clients gone (uvicorn + emulator)",
        f"{UVICORN_GONE} + {EMULATOR_GONE}, every answer whole",
    )
