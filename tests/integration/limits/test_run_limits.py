"""How many answers a person may have at once, and how much of the model they may use."""

import asyncio
from datetime import UTC, datetime

import pytest
from psycopg.sql import SQL

from taskchat.clock import utc_now
from taskchat.database import Database
from taskchat.errors import OutOfTokensError, TooManyAtOnceError
from taskchat.limits import count_answer, count_tokens
from taskchat.runs.ending import end_run, take_run
from taskchat.runs.models import Outcome
from taskchat.runs.service import NewRun, NewThread, begin_run
from taskchat.settings import LimitSettings
from taskchat.users import User, ensure_user
from tests.support.answers import rows

TWO = LimitSettings(runs_per_person=2)


async def begin(database: Database, name: str, settings: LimitSettings, user: str = "alice") -> str:
    run_id = f"run_{user}_{name}"
    async with database.transaction() as connection:
        await begin_run(
            connection,
            NewRun(
                run_id=run_id,
                user=User(user),
                thread_id=f"thr_{user}_{name}",
                new_thread=NewThread(title=None, created_at=utc_now()),
                answers_item_id="msg",
                key=None,
            ),
            settings,
        )
    return run_id


async def end(database: Database, run_id: str, *, tokens: tuple[int, int] = (0, 0)) -> None:
    outcome = Outcome(status="completed", input_tokens=tokens[0], output_tokens=tokens[1])
    async with database.transaction() as connection:
        thread_id = await take_run(connection, run_id, "alice")
        assert thread_id
        await end_run(connection, run_id, "alice", thread_id, outcome, rest=[])


async def test_a_run_starts_after_the_end_of_the_one_before_it(
    database: Database, database_url: str
) -> None:
    first = await begin(database, "1", TWO)
    async with database.transaction() as connection:
        await connection.execute(SQL("select 1"))  # the message comes before the end
        await end(database, first)
        second = NewRun(
            run_id="run_alice_2",
            user=User("alice"),
            thread_id="thr_alice_1",
            new_thread=None,
            answers_item_id="msg",
            key=None,
        )
        await begin_run(connection, second, TWO)

    one, other = await rows(database_url, "select started_at, ended_at from runs order by id")
    assert one["ended_at"] <= other["started_at"]


async def test_one_answer_more_than_allowed_at_once_is_refused(
    database: Database, database_url: str
) -> None:
    first = await begin(database, "1", TWO)
    await begin(database, "2", TWO)
    with pytest.raises(TooManyAtOnceError) as refusal:
        await begin(database, "3", TWO)
    assert refusal.value.retry_after > 0
    assert len(await rows(database_url, "select from threads")) == 2
    counted = await rows(database_url, "select count from message_counts where period = 'day'")
    assert counted == [{"count": 2}], "a refused message is not counted"
    await begin(database, "1", TWO, user="bob")
    await end(database, first)
    await begin(database, "3", TWO)


async def test_a_run_whose_process_died_counts_no_longer_than_its_lease(
    database: Database, database_url: str
) -> None:
    await begin(database, "1", TWO)
    await begin(database, "2", TWO)
    await rows(database_url, "update runs set lease_expires_at = now() - interval '1 s'")
    await begin(database, "3", TWO)


async def test_of_many_at_once_exactly_as_many_begin_as_may(database: Database) -> None:
    outcomes = await asyncio.gather(
        *(begin(database, str(n), TWO) for n in range(8)), return_exceptions=True
    )
    assert sum(isinstance(outcome, TooManyAtOnceError) for outcome in outcomes) == 6


async def require(database: Database, settings: LimitSettings, user: str = "alice") -> None:
    async with database.transaction() as connection:
        await ensure_user(connection, User(user))
        await count_answer(connection, user, settings)


async def test_tokens_of_ended_runs_use_up_the_day(database: Database) -> None:
    settings = LimitSettings(tokens_per_day=100)
    await end(database, await begin(database, "1", settings), tokens=(60, 30))
    await end(database, await begin(database, "2", settings), tokens=(9, 1))
    with pytest.raises(OutOfTokensError) as refusal:
        await begin(database, "3", settings)
    midnight = refusal.value.resets_at
    assert (midnight.hour, midnight.minute, midnight.second) == (0, 0, 0)
    assert midnight > datetime.now(UTC)
    assert 1 <= refusal.value.retry_after <= 24 * 3600
    await require(database, settings, "bob")
    await require(database, LimitSettings(tokens_per_day=0))


async def test_all_people_together_have_a_budget(database: Database) -> None:
    settings = LimitSettings(tokens_per_day_for_all=100)
    for user in ("alice", "bob"):
        async with database.transaction() as connection:
            await ensure_user(connection, User(user))
            await count_tokens(connection, user, 50)
    with pytest.raises(OutOfTokensError):
        await require(database, settings, "carol")
    await require(database, LimitSettings(), "carol")


async def test_a_new_day_is_a_new_budget(database: Database, database_url: str) -> None:
    settings = LimitSettings(tokens_per_day=10, tokens_per_day_for_all=10)
    await end(database, await begin(database, "1", settings), tokens=(10, 0))
    await rows(database_url, "update token_counts set day = day - 1")
    await rows(database_url, "update token_totals set day = day - 1")
    await end(database, await begin(database, "2", settings), tokens=(9, 0))
    await require(database, settings)


async def test_the_tokens_of_someone_erased_meanwhile_count_for_all(
    database: Database, database_url: str
) -> None:
    async with database.transaction() as connection:
        await count_tokens(connection, "gone", 5)
    assert await rows(database_url, "select from token_counts") == []
    assert await rows(database_url, "select tokens from token_totals") == [{"tokens": 5}]
