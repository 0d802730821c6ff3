"""How many responses of one person may follow answers at once, wherever they are sent from."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from taskchat.database import Database
from taskchat.errors import TooManyAtOnceError
from taskchat.limits import FollowerSlot, followers, take_follower_slot
from taskchat.settings import LimitSettings
from taskchat.users import User, ensure_user
from tests.support.answers import rows
from tests.support.chat import until

TWO = LimitSettings(followers_per_person=2)


@pytest.fixture(autouse=True)
async def _people(database: Database) -> None:
    async with database.transaction() as connection:
        for user in ("alice", "bob"):
            await ensure_user(connection, User(user))


async def take(database: Database, user: str = "alice") -> FollowerSlot:
    return await take_follower_slot(database, user, TWO)


async def endless(seen: asyncio.Event) -> AsyncIterator[str]:
    yield "first"
    seen.set()
    await asyncio.Event().wait()


async def test_one_follower_more_than_allowed_is_refused(database: Database) -> None:
    await take(database)
    await take(database)
    with pytest.raises(TooManyAtOnceError) as refusal:
        await take(database)
    assert refusal.value.retry_after > 0
    await take(database, "bob")


async def test_of_many_at_once_exactly_as_many_pass_as_may(database: Database) -> None:
    outcomes = await asyncio.gather(*(take(database) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, TooManyAtOnceError) for outcome in outcomes) == 6


async def test_a_place_is_free_when_the_events_have_ended(database: Database) -> None:
    async def two() -> AsyncIterator[str]:
        yield "one"
        yield "two"

    for _ in range(3):
        slot = await take(database)
        assert [event async for event in slot.hold(two())] == ["one", "two"]


async def test_a_place_is_free_when_the_reader_has_gone(
    database: Database, database_url: str
) -> None:
    slot = await take(database)
    seen = asyncio.Event()

    async def read() -> None:
        async for _ in slot.hold(endless(seen)):
            pass

    reader = asyncio.create_task(read())
    await seen.wait()
    assert len(await rows(database_url, "select from followers")) == 1
    reader.cancel()

    async def is_free() -> bool:
        return not await rows(database_url, "select from followers")

    await until(is_free)


async def test_a_follower_whose_process_died_counts_no_longer_than_its_lease(
    database: Database, database_url: str
) -> None:
    await take(database)
    await take(database)
    await rows(database_url, "update followers set lease_expires_at = now() - interval '1 s'")
    await take(database)
    assert len(await rows(database_url, "select from followers")) == 1


async def test_a_follower_at_work_keeps_its_place(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followers, "RENEW_SECONDS", 0.05)
    slot = await take(database)
    await rows(database_url, "update followers set lease_expires_at = now() + interval '1 s'")
    events = slot.hold(endless(asyncio.Event()))
    assert await anext(events) == "first"

    async def is_renewed() -> bool:
        query = "select from followers where lease_expires_at > now() + interval '10 s'"
        return bool(await rows(database_url, query))

    await until(is_renewed)
