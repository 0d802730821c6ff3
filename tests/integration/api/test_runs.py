"""Stop, as the page asks for it; that the run then ends is shown where runs are."""

import httpx2
import pytest

from taskchat.database import Database
from taskchat.users import User, ensure_user
from tests.support.problems import assert_problem

STOP = "/api/threads/thr_1/run"


@pytest.fixture
async def thread(database: Database) -> str:
    """A thread of Alice's."""
    async with database.transaction() as connection:
        await ensure_user(connection, User("alice"))
        await connection.execute("insert into threads (id, user_id) values ('thr_1', 'alice')")
    return "thr_1"


@pytest.fixture
async def run(database: Database, thread: str) -> str:
    """An answer that is being written in it."""
    async with database.transaction() as connection:
        await connection.execute(
            "insert into runs (id, thread_id, user_id, lease_expires_at) "
            "values ('run_1', %s, 'alice', now() + interval '15 s')",
            (thread,),
        )
    return "run_1"


async def is_stop_requested(database: Database, run: str) -> bool:
    async with database.transaction() as connection:
        rows = await connection.execute("select stop_requested_at from runs where id = %s", (run,))
        row = await rows.fetchone()
    assert row
    return row["stop_requested_at"] is not None


async def test_a_running_answer_is_asked_to_stop(
    alice: httpx2.AsyncClient, database: Database, run: str
) -> None:
    for _ in range(2):
        response = await alice.delete(STOP)
        assert (response.status_code, response.content) == (202, b"")
        assert await is_stop_requested(database, run)


async def test_where_nothing_runs_there_is_nothing_to_stop(
    alice: httpx2.AsyncClient, thread: str
) -> None:
    assert (await alice.delete(STOP)).status_code == 204


async def test_what_has_ended_is_not_stopped(
    alice: httpx2.AsyncClient, database: Database, run: str
) -> None:
    async with database.transaction() as connection:
        await connection.execute("update runs set status = 'completed', ended_at = now()")
    assert (await alice.delete(STOP)).status_code == 204
    assert not await is_stop_requested(database, run)


async def test_nobody_stops_the_answer_to_another_person(
    bob: httpx2.AsyncClient, database: Database, run: str
) -> None:
    assert_problem(await bob.delete(STOP), 404, "not-found")
    assert not await is_stop_requested(database, run)


async def test_in_an_unknown_thread_nothing_can_be_stopped(alice: httpx2.AsyncClient) -> None:
    assert_problem(await alice.delete("/api/threads/thr_0/run"), 404, "not-found")
