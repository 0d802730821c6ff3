"""Processes killed at random moments: nothing twice, nothing half, nothing lost."""

import asyncio
import contextlib
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

import httpx2
import pytest

from tests.faults.conftest import Figure
from tests.faults.jobs import (
    TASKS,
    JobModel,
    Lanes,
    client_for,
    task_titles,
    together,
    words_of,
)
from tests.faults.machines import Machine, UvicornProcesses, emulated
from tests.support.answers import create, retry, rows
from tests.support.chat import ChatClient, Event, until
from tests.support.model_server import ModelServer

UVICORN_KILLS, UVICORN_LANES = 85, 8
EMULATOR_KILLS, EMULATOR_LANES = 15, 2
EVENTS = 30
LATEST = 0.1
"""A kill comes up to `LATEST` seconds after one of the first `EVENTS` events: four before the tool
calls begin, about 14 until the last of them has ended, the rest while the answer is written."""

HALF_MADE = """
select tasks.title
from tasks
full join changes on changes.after -> 0 ->> 'id' = tasks.id
full join tool_calls
    on tool_calls.run_id = changes.run_id and tool_calls.call_id = changes.call_id
where tasks.id is null or changes.id is null or tool_calls.run_id is null
"""
LEFT_OPEN = """
select id from thread_items where draft or payload::text like '%%"loading"%%'
union all
select id from runs where status = 'running'
union all
select id from thread_items where superseded_by is not null
"""


Moment = Literal["before", "within", "between", "after"]
"""Where the tool calls stood, as far as the reader had seen."""


@dataclass(frozen=True)
class Killed:
    """What came of one kill."""

    job: str
    moment: Moment
    answers_after: float
    """Seconds from the kill until the thread took a message again."""


@pytest.mark.timeout(300)
async def test_kills_at_random_moments(
    uvicorns: UvicornProcesses,
    environment: dict[str, str],
    model: ModelServer,
    slow_database_url: str,
    seed: int,
    figure: Figure,
) -> None:
    jobs = JobModel()
    model.script(jobs)
    async with uvicorns.machine(environment) as survivor:
        suite = _Kills(jobs, survivor)

        async def on_uvicorn(number: int, random: Random) -> Any:
            async with uvicorns.machine(environment) as machine:
                await asyncio.sleep(0.3)  # it starts
                return await suite.kill_one(f"job-u{number}", machine, random)

        async def on_emulator(number: int, random: Random) -> Any:
            machine = free.pop()
            try:
                return await suite.kill_one(f"job-e{number}", machine, random)
            finally:
                free.append(machine)

        async with AsyncExitStack() as stack:
            free = [
                await stack.enter_async_context(emulated(environment))
                for _ in range(EMULATOR_LANES)
            ]
            recoveries = await together(
                Lanes(seed, UVICORN_LANES).run(UVICORN_KILLS, on_uvicorn),
                Lanes(seed + 1, EMULATOR_LANES).run(EMULATOR_KILLS, on_emulator),
            )
            killed: list[Killed] = await asyncio.gather(*recoveries[0], *recoveries[1])

    made = await rows(
        slow_database_url, "select user_id, array_agg(title) titles from tasks group by 1"
    )
    assert {row["user_id"]: sorted(row["titles"]) for row in made} == {
        kill.job: task_titles(kill.job) for kill in killed
    }
    assert await rows(slow_database_url, HALF_MADE) == []
    assert await rows(slow_database_url, LEFT_OPEN) == []
    moments = Counter(kill.moment for kill in killed)
    slowest = max(kill.answers_after for kill in killed)
    assert slowest < 20
    figure(
        "kills (uvicorn + emulator)",
        f"{UVICORN_KILLS} + {EMULATOR_KILLS}; "
        + ", ".join(f"{count} {moment}" for moment, count in sorted(moments.items()))
        + " tool calls",
    )
    figure("tasks made twice, half-made; messages lost", "0, 0; 0")
    figure("thread answers again after a kill", f"{slowest:.1f} s at the latest")


@dataclass(frozen=True)
class _Kills:
    jobs: JobModel
    survivor: Machine

    async def kill_one(self, job: str, machine: Machine, random: Random) -> "asyncio.Task[Killed]":
        """Ask for a job, kill who does it, and have the person come back, in the background."""
        client = client_for(machine.url, job)
        async with client.http:
            # The time of a start is none of an answer's moments.
            await client.post("threads.list", {})
            seen: list[Event] = []
            asking = asyncio.create_task(self._ask(client, job, seen))
            progress = random.randint(0, EVENTS)

            async def far_enough() -> bool:
                return len(seen) >= progress or asking.done()

            await until(far_enough, seconds=30)
            await asyncio.sleep(random.uniform(0, LATEST))
            await machine.kill()
            killed_at = time.monotonic()
            await asking
        return asyncio.create_task(self._come_back(job, killed_at, _moment(seen)))

    async def _ask(self, client: ChatClient, job: str, seen: list[Event]) -> None:
        # The emulator answers 502 where the process died before it had answered.
        with contextlib.suppress(httpx2.TransportError, AssertionError):
            async for event in client.stream(*create(f"Do {job}"), **_key(job)):
                seen += [event]

    async def _come_back(self, job: str, killed_at: float, moment: Moment) -> Killed:
        """The page sends the message again under its key, and retries the answer if it failed."""
        client = client_for(self.survivor.url, job)
        async with client.http:
            # The model would do it all again.
            self.jobs.forget(job)
            events = await client.events(*create(f"Do {job}"), **_key(job))
            answers_after = time.monotonic() - killed_at
            (thread,) = (await client.post("threads.list", {})).json()["data"]
            message, *_ = await client.items(thread["id"])
            assert message["content"][0]["text"] == f"Do {job}"
            if events[-1]["type"] == "error":
                self.jobs.forget(job)
                events = await client.events(*retry(thread["id"], message["id"]))
                assert events[-1]["type"] != "error", events[-1]
            items = await client.items(thread["id"])
        assert [item["type"] for item in items].count("user_message") == 1
        assert items[-1]["content"][0]["text"] == "".join(words_of(job))
        return Killed(job, moment, answers_after)


def _moment(seen: list[Event]) -> Moment:
    """By the steps shown: those that began and those that ended."""
    shown = " ".join(str(event) for event in seen if event["type"] != "thread.item.done")
    began, ended = shown.count("'loading'"), shown.count("'complete'")
    if began > ended:
        return "within"
    if not began:
        return "before"
    return "between" if began < len(TASKS) else "after"


def _key(job: str) -> Any:
    return {"Idempotency-Key": job}
