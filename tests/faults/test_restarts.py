"""Postgres restarted while answers are made."""

import asyncio
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from local.postgres import EmbeddedPostgres
from tests.faults.conftest import SLOW_TOOLS, Figure
from tests.faults.jobs import JobModel, Lanes, client_for, together
from tests.faults.machines import UvicornProcesses, emulated
from tests.support.answers import rows
from tests.support.chat import app_environment, text_of, thread_of
from tests.support.model_server import ModelServer
from tests.support.postgres import apply_migrations, temporary_server

RESTARTS = 3
UVICORN_ANSWERS, EMULATOR_ANSWERS = 8, 3


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server of the test's own, which it may restart."""
    with temporary_server() as server:
        apply_migrations(server.url)
        yield server


@pytest.mark.timeout(200)
async def test_a_restart_of_postgres_is_survived_or_told(
    uvicorns: UvicornProcesses,
    postgres: EmbeddedPostgres,
    model: ModelServer,
    seed: int,
    figure: Figure,
) -> None:
    await rows(postgres.url, SLOW_TOOLS)
    jobs = JobModel()
    model.script(jobs)
    environment = app_environment(postgres.url, model)
    completed = told = 0

    async def answer(job: str, url: str, random: Random) -> bool:
        """Whether the answer was completed; if not, it ended with a message."""
        client = client_for(url, job)
        async with client.http:
            await asyncio.sleep(random.uniform(0, 0.8))
            events = await client.create(f"Do {job}")
            ended_well = events[-1]["type"] != "error"
            assert ended_well or events[-1]["message"]
            jobs.forget(f"{job}-next")
            again = await client.say(thread_of(events), f"Do {job}-next")
            assert text_of(again)
            assert again[-1]["type"] != "error"
        return bool(ended_well)

    async with (
        uvicorns.machine(environment) as uvicorn,
        emulated(environment, at_once=EMULATOR_ANSWERS) as emulator,
    ):
        warm = client_for(emulator.url, "warm")
        async with warm.http:
            await warm.post("threads.list", {})
        for restart in range(RESTARTS):

            async def on_uvicorn(number: int, random: Random, restart: int = restart) -> Any:
                return await answer(f"job-u{restart}-{number}", uvicorn.url, random)

            async def on_emulator(number: int, random: Random, restart: int = restart) -> Any:
                return await answer(f"job-e{restart}-{number}", emulator.url, random)

            answers = asyncio.create_task(
                together(
                    Lanes(seed + restart, UVICORN_ANSWERS).run(UVICORN_ANSWERS, on_uvicorn),
                    Lanes(seed - restart, EMULATOR_ANSWERS).run(EMULATOR_ANSWERS, on_emulator),
                )
            )
            await asyncio.sleep(1.0)
            await asyncio.to_thread(_restart, postgres)
            outcomes = [outcome for lane in await answers for outcome in lane]
            completed += outcomes.count(True)
            told += outcomes.count(False)

    twice = "select title from tasks group by user_id, title having count(*) > 1"
    assert await rows(postgres.url, twice) == []
    figure(
        f"Postgres restarted, {RESTARTS} times",
        f"{completed} answers completed, {told} ended with a message; all next ones worked",
    )


def _restart(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    postgres.start()
