"""Stop at random moments: soon over, and no tool starts any more."""

import asyncio
from random import Random
from typing import Any

import pytest

from tests.faults.conftest import Figure
from tests.faults.jobs import Lanes, busy, client_for, together
from tests.faults.machines import UvicornProcesses, emulated
from tests.support.answers import all_items, create, reading, rows
from tests.support.model_server import ModelServer

UVICORN_STOPS, EMULATOR_STOPS = 85, 15
LATEST = 1.5
"""Seconds after the answer has begun until which a stop may come."""

LATE_TOOLS = """
select max(extract(epoch from tool_calls.started_at - runs.stop_requested_at))::float8 as latest
from tool_calls join runs on runs.id = tool_calls.run_id
"""
TIMES = """
select status, extract(epoch from ended_at - stop_requested_at)::float8 as took
from runs where stop_requested_at is not null
"""


@pytest.mark.timeout(200)
async def test_stops_at_random_moments(
    uvicorns: UvicornProcesses,
    environment: dict[str, str],
    model: ModelServer,
    slow_database_url: str,
    seed: int,
    figure: Figure,
) -> None:
    model.script(busy)

    async def stop_one(job: str, url: str, other_url: str, random: Random) -> Any:
        client, elsewhere = client_for(url, job), client_for(other_url, job)
        async with client.http, elsewhere.http:
            async with reading(client, *create(f"Do {job}")) as answer:
                await answer.until("thread.created")
                await asyncio.sleep(random.uniform(0, LATEST))
                stop = f"/api/threads/{answer.thread_id}/run"
                assert (await elsewhere.http.delete(stop)).status_code in {202, 204}
                events = await answer.to_the_end()
            assert not any(event["type"] == "error" for event in events)
            items = await all_items(client, answer.thread_id)
            assert "'loading'" not in str(items)
            # All that was done is shown: a card for each task.
            cards = sum(1 for item in items if item["type"] == "widget")
            assert cards == len(await client.tasks())

    async with (
        uvicorns.machine(environment) as first,
        uvicorns.machine(environment) as second,
        emulated(environment, at_once=4) as emulator,
    ):

        async def on_uvicorn(number: int, random: Random) -> Any:
            await stop_one(f"job-u{number}", first.url, second.url, random)

        async def on_emulator(number: int, random: Random) -> Any:
            await stop_one(f"job-e{number}", emulator.url, emulator.url, random)

        await together(
            Lanes(seed, 6).run(UVICORN_STOPS, on_uvicorn),
            Lanes(seed + 1, 3).run(EMULATOR_STOPS, on_emulator),
        )

    (tools,) = await rows(slow_database_url, LATE_TOOLS)
    times = await rows(slow_database_url, TIMES)
    assert tools["latest"] < 1
    assert {row["status"] for row in times} <= {"stopped", "completed"}
    stopped = sorted(row["took"] for row in times if row["status"] == "stopped")
    figure(
        "stops (uvicorn + emulator)",
        f"{UVICORN_STOPS} + {EMULATOR_STOPS}, {len(stopped)} of them mid-answer",
    )
    figure("latest start of a tool, from the stop", f"{tools['latest'] * 1000:+.0f} ms")
    figure(
        "stop to the run's end",
        f"median {stopped[len(stopped) // 2]:.2f} s, worst {stopped[-1]:.2f} s",
    )
