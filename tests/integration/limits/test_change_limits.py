"""How fast a person may write, and how much of the database they can fill."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from taskchat.database import Database
from taskchat.errors import TooManyChangesError, TooManyTasksError
from taskchat.limits import changes as limits
from taskchat.limits import count_change, require_task_count
from taskchat.settings import LimitSettings
from taskchat.tasks import BY_PERSON, TaskDraft, create_task
from taskchat.users import User, ensure_user
from tests.support.answers import rows
from tests.support.minutes import early_in_a_minute


async def change(database: Database, settings: LimitSettings, user_id: str = "alice") -> None:
    async with database.transaction() as connection:
        await ensure_user(connection, User(user_id))
        await count_change(connection, user_id, settings)


async def add_task(database: Database, settings: LimitSettings) -> None:
    async with database.transaction() as connection:
        await ensure_user(connection, User("alice"))
        await create_task(connection, "alice", TaskDraft(title="t"), origin=BY_PERSON)
        await require_task_count(connection, "alice", settings)


async def test_the_change_after_the_last_of_a_minute_is_refused(database: Database) -> None:
    await early_in_a_minute()
    settings = LimitSettings(changes_per_minute=2)
    await change(database, settings)
    await change(database, settings)
    for _ in range(3):
        with pytest.raises(TooManyChangesError) as refusal:
            await change(database, settings)
        assert 1 <= refusal.value.retry_after <= 60
        left = refusal.value.resets_at - datetime.now(UTC)
        assert timedelta(seconds=-1) < left <= timedelta(seconds=60)
    await change(database, settings, "bob")


async def test_a_new_minute_is_a_new_window(database: Database, database_url: str) -> None:
    await early_in_a_minute()
    settings = LimitSettings(changes_per_minute=1)
    await change(database, settings)
    await rows(
        database_url, "update change_counts set window_start = window_start - interval '1 minute'"
    )
    await change(database, settings)
    with pytest.raises(TooManyChangesError):
        await change(database, settings)


async def test_of_many_at_once_exactly_as_many_pass_as_may(database: Database) -> None:
    await early_in_a_minute()
    settings = LimitSettings(changes_per_minute=20)
    outcomes = await asyncio.gather(
        *(change(database, settings) for _ in range(50)), return_exceptions=True
    )
    assert sum(isinstance(outcome, TooManyChangesError) for outcome in outcomes) == 30


async def test_whoever_is_not_recorded_is_not_counted(
    database: Database, database_url: str
) -> None:
    async with database.transaction() as connection:
        await count_change(connection, "nobody", LimitSettings())
    assert await rows(database_url, "select from change_counts") == []


async def test_the_task_after_the_last_is_refused_and_leaves_nothing(
    database: Database, database_url: str
) -> None:
    settings = LimitSettings(tasks_per_person=2)
    await add_task(database, settings)
    await add_task(database, settings)
    with pytest.raises(TooManyTasksError, match="2 tasks"):
        await add_task(database, settings)
    assert len(await rows(database_url, "select from tasks")) == 2
    assert len(await rows(database_url, "select from changes")) == 2


async def test_tasks_added_at_once_do_not_slip_through(
    database: Database, database_url: str
) -> None:
    settings = LimitSettings(tasks_per_person=5)
    outcomes = await asyncio.gather(
        *(add_task(database, settings) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(outcome, TooManyTasksError) for outcome in outcomes) == 15
    assert len(await rows(database_url, "select from tasks")) == 5


FILLED = """
with person as (insert into users (id) values ('alice'), ('bob') returning id), many as (
    insert into changes (id, user_id, kind, before, after, created_at)
    select person.id || n, person.id, 'update', to_jsonb(repeat(md5(n::text), 100)), '[]',
        now() - n * interval '1 s'
    from person, generate_series(1, 20) as n
)
insert into clicks (user_id, idempotency_key, request_hash, response, created_at)
select person.id, n, '', 'done', now() - n * interval '1 s'
from person, generate_series(1, 20) as n
"""


async def kept(url: str, table: str) -> dict[str, int]:
    query = f"select user_id, count(*) from {table} group by user_id"  # noqa: S608 - of this test
    return {row["user_id"]: row["count"] for row in await rows(url, query)}


async def test_only_the_newest_changes_and_clicks_are_kept(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_CHANGES", 7)
    monkeypatch.setattr(limits, "MOST_CLICKS", 5)
    await rows(database_url, FILLED)
    await change(database, LimitSettings())
    assert await kept(database_url, "changes") == {"alice": 7, "bob": 20}
    assert await kept(database_url, "clicks") == {"alice": 5, "bob": 20}
    newest = await rows(
        database_url,
        "select max(substr(id, 6)::int) from changes where user_id = 'alice'",
    )
    assert newest == [{"max": 7}]


async def test_large_changes_are_kept_in_smaller_numbers(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_BYTES", 1)
    await rows(database_url, FILLED)
    await change(database, LimitSettings())
    assert (await kept(database_url, "changes"))["alice"] == 1, "the last one can be undone"
