"""Counting messages in a real database, by many senders at once and at the edges of windows."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from taskchat.database import Database
from taskchat.errors import (
    ConflictError,
    DatabaseError,
    DatabaseUnavailableError,
    MessageLimitError,
)
from taskchat.limits import Usage, count_answer, read_usage
from taskchat.settings import LimitSettings
from taskchat.users import User, ensure_user
from tests.support.postgres import database_settings

ALICE = User("alice")
SETTINGS = LimitSettings(messages_per_minute=10, messages_per_day=100)


async def send(database: Database, user: User = ALICE, settings: LimitSettings = SETTINGS) -> Usage:
    async with database.transaction() as connection:
        await ensure_user(connection, user)
        return await count_answer(connection, user.id, settings)


async def usage(database: Database, settings: LimitSettings = SETTINGS) -> Usage:
    async with database.transaction() as connection:
        return await read_usage(connection, ALICE.id, settings)


async def sent_before(database: Database, *, minutes_ago: int, count: int) -> None:
    """Have messages counted in windows of the past."""
    async with database.transaction() as connection:
        await ensure_user(connection, ALICE)
        for period in ("minute", "day"):
            await connection.execute(
                "insert into message_counts (user_id, period, window_start, count) values "
                "(%s, %s, date_trunc(%s, now() - %s, 'UTC'), %s)",
                (ALICE.id, period, period, timedelta(minutes=minutes_ago), count),
            )


async def test_whoever_never_wrote_may_send_all(database: Database) -> None:
    before = datetime.now(UTC)
    found = await usage(database)
    assert (found.per_minute, found.per_day, found.remaining) == (10, 100, 10)
    assert before < found.resets_at <= before + timedelta(seconds=61)
    assert (found.resets_at.second, found.resets_at.microsecond) == (0, 0)


async def test_each_message_leaves_one_less(database: Database) -> None:
    for remaining in (9, 8, 7):
        counted = await send(database)
        assert counted.remaining == remaining
        assert (await usage(database)).remaining == remaining


async def test_the_message_after_the_last_is_refused(database: Database) -> None:
    settings = LimitSettings(messages_per_minute=2, messages_per_day=100)
    await send(database, settings=settings)
    await send(database, settings=settings)
    with pytest.raises(MessageLimitError) as refusal:
        await send(database, settings=settings)
    assert 1 <= refusal.value.retry_after <= 60
    left = refusal.value.resets_at - datetime.now(UTC)
    assert timedelta(seconds=-1) < left <= timedelta(seconds=60)
    assert "2 messages per minute" in str(refusal.value)


async def test_a_refused_message_is_not_counted(database: Database) -> None:
    narrow, wide = LimitSettings(messages_per_minute=1, messages_per_day=100), SETTINGS
    await send(database, settings=narrow)
    for _ in range(5):
        with pytest.raises(MessageLimitError):
            await send(database, settings=narrow)
    assert (await usage(database, wide)).remaining == 9


async def test_the_day_limits_as_well(database: Database) -> None:
    settings = LimitSettings(messages_per_minute=10, messages_per_day=3)
    for _ in range(3):
        await send(database, settings=settings)
    with pytest.raises(MessageLimitError) as refusal:
        await send(database, settings=settings)
    midnight = refusal.value.resets_at
    assert (midnight.hour, midnight.minute, midnight.second) == (0, 0, 0)
    assert 1 <= refusal.value.retry_after <= 24 * 3600
    found = await usage(database, settings)
    assert (found.remaining, found.resets_at) == (0, midnight)
    assert (await usage(database)).remaining == 7, "the refused message is in no window"


async def test_a_new_minute_is_a_new_window(database: Database) -> None:
    await sent_before(database, minutes_ago=1, count=10)
    assert (await send(database)).remaining == 9


async def test_a_new_day_is_a_new_window(database: Database) -> None:
    await sent_before(database, minutes_ago=24 * 60, count=100)
    assert (await send(database)).remaining == 9


async def test_a_limit_lowered_under_the_count_leaves_nothing(database: Database) -> None:
    for _ in range(3):
        await send(database)
    assert (
        await usage(database, LimitSettings(messages_per_minute=1, messages_per_day=100))
    ).remaining == 0


async def test_people_do_not_share_a_limit(database: Database) -> None:
    settings = LimitSettings(messages_per_minute=1, messages_per_day=1)
    await send(database, User("alice"), settings)
    await send(database, User("bob"), settings)


async def test_a_message_whose_transaction_fails_is_not_counted(database: Database) -> None:
    async def send_and_fail() -> None:
        async with database.transaction() as connection:
            await ensure_user(connection, ALICE)
            await count_answer(connection, ALICE.id, SETTINGS)
            raise ConflictError("The thread is gone.")

    with pytest.raises(ConflictError):
        await send_and_fail()
    assert (await usage(database)).remaining == 10


async def test_of_two_hundred_at_once_exactly_as_many_pass_as_may(database: Database) -> None:
    settings = LimitSettings(messages_per_minute=1_000, messages_per_day=50)
    outcomes = await asyncio.gather(
        *(send(database, settings=settings) for _ in range(200)), return_exceptions=True
    )
    passed = [outcome for outcome in outcomes if isinstance(outcome, Usage)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, MessageLimitError)]
    assert (len(passed), len(refused)) == (50, 150)
    assert sorted(outcome.remaining for outcome in passed) == list(range(50))


async def test_nobody_unrecorded_sends(database: Database) -> None:
    with pytest.raises(DatabaseError):
        async with database.transaction() as connection:
            await count_answer(connection, "nobody", SETTINGS)


async def test_nothing_is_sent_while_the_count_cannot_be_kept(
    database: Database, database_url: str
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
        await other.execute("alter table message_counts rename to elsewhere")
    with pytest.raises(DatabaseError):
        await send(database)


async def test_nothing_is_sent_without_a_database() -> None:
    database = Database(database_settings("postgresql://u@127.0.0.1:1/none"))
    await database.open()
    try:
        with pytest.raises(DatabaseUnavailableError):
            await send(database)
    finally:
        await database.close()
