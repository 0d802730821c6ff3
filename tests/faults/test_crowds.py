"""Equal requests at once, and many messages to one thread at once."""

import itertools
from random import Random
from typing import Any

import pytest

from tests.faults.conftest import Figure
from tests.faults.jobs import Lanes, brief, client_for, together
from tests.faults.machines import UvicornProcesses, emulated
from tests.support.answers import all_items, create, rows, runs_of, say
from tests.support.chat import app_environment, text_of, thread_of
from tests.support.model_server import ModelServer, text

UVICORN_PAIRS, EMULATOR_PAIRS = 170, 30
UVICORN_MESSAGES, EMULATOR_MESSAGES = 170, 30


@pytest.mark.timeout(200)
async def test_pairs_of_equal_requests_make_one_run_each(
    uvicorns: UvicornProcesses,
    database_url: str,
    model: ModelServer,
    seed: int,
    figure: Figure,
) -> None:
    model.script(brief)
    environment = app_environment(database_url, model)

    async def pair(job: str, urls: list[str]) -> Any:
        async def ask(url: str) -> Any:
            client = client_for(url, "alice")
            async with client.http:
                return await client.events(*create(f"Do {job}"), **_key(job))

        one, other = await together(*(ask(url) for url in urls))
        assert one == other
        assert text_of(one) == f"{job} is done."

    async with (
        uvicorns.machine(environment) as first,
        uvicorns.machine(environment) as second,
        emulated(environment, at_once=2) as emulator,
    ):

        async def on_uvicorn(number: int, random: Random) -> Any:
            urls = random.choices([first.url, second.url], k=2)
            await pair(f"job-u{number}", urls)

        async def on_emulator(number: int, _: Random) -> Any:
            await pair(f"job-e{number}", [emulator.url, emulator.url])

        await together(
            Lanes(seed, UVICORN_PAIRS).run(UVICORN_PAIRS, on_uvicorn),
            Lanes(seed, 3).run(EMULATOR_PAIRS, on_emulator),
        )

    count = UVICORN_PAIRS + EMULATOR_PAIRS
    (made,) = await rows(
        database_url, "select count(*), count(distinct idempotency_key) as keys from runs"
    )
    assert (made["count"], made["keys"]) == (count, count)
    assert len(model.requests) == count
    figure(
        "pairs with one key (uvicorn + emulator)",
        f"{UVICORN_PAIRS} + {EMULATOR_PAIRS}: {made['count']} runs",
    )


@pytest.mark.timeout(200)
async def test_of_many_messages_to_one_thread_one_is_answered_at_a_time(
    uvicorns: UvicornProcesses, database_url: str, model: ModelServer, figure: Figure
) -> None:
    model.script(lambda _: text("One", " two", " three", delay=0.3))
    environment = app_environment(database_url, model)
    async with (
        uvicorns.machine(environment) as first,
        uvicorns.machine(environment) as second,
        emulated(environment, at_once=10) as emulator,
    ):
        client = client_for(first.url, "alice")
        async with client.http:
            thread_id = thread_of(await client.create("Hello"))

        async def send(url: str) -> int:
            client = client_for(url, "alice")
            async with client.http:
                answer = await client.post(*say(thread_id, "Go"))
                if answer.status_code == 409:
                    assert answer.headers["retry-after"]
                    assert answer.json()["type"] == "/problems/still-answering"
                return answer.status_code

        urls = [first.url, second.url] * (UVICORN_MESSAGES // 2) + [
            emulator.url
        ] * EMULATOR_MESSAGES
        statuses = await together(*(send(url) for url in urls))
        reader = client_for(first.url, "alice")
        async with reader.http:
            kinds = [item["type"] for item in await all_items(reader, thread_id)]

    runs = await runs_of(database_url, thread_id)
    answered = statuses.count(200)
    assert answered >= 1
    assert answered + statuses.count(409) == len(urls)
    assert len(runs) == answered + 1
    assert all(
        before["ended_at"] <= after["started_at"] for before, after in itertools.pairwise(runs)
    )
    assert kinds == ["user_message", "assistant_message"] * len(runs)
    figure(
        "messages at once to one thread",
        f"{len(urls)}: {answered} answered, one at a time, {statuses.count(409)} times 409",
    )


def _key(job: str) -> Any:
    return {"Idempotency-Key": job}
