"""Transactions, savepoints and pipelines, and how often each waits for the server."""

import time
from collections.abc import AsyncIterator

import psycopg
import pytest

from taskchat.database import Connection, Database
from taskchat.errors import DatabaseError
from tests.support.postgres import database_settings
from tests.support.wire import Wire, counted


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Wire]:
    async with counted(database_url) as wire:
        yield wire


@pytest.fixture
async def counting(wire: Wire) -> AsyncIterator[Database]:
    """A database with one connection, which has been used."""
    database = Database(database_settings(wire.url, pool_size=1))
    await database.open()
    await users(database)
    wire.round_trips = 0
    yield database
    await database.close()


async def users(database: Database) -> list[str]:
    async with database.autocommit() as connection:
        rows = await connection.execute("select id from users order by id")
        return [row["id"] for row in await rows.fetchall()]


async def insert(connection: Connection, name: str) -> None:
    await connection.execute("insert into users (id) values (%(id)s)", {"id": name})


async def test_begin_travels_with_the_first_statement(counting: Database, wire: Wire) -> None:
    async with counting.transaction() as connection:
        await insert(connection, "alice")
        assert wire.round_trips == 1
    assert wire.round_trips == 2
    assert await users(counting) == ["alice"]


async def test_a_transaction_without_statements_asks_nothing(
    counting: Database, wire: Wire
) -> None:
    async with counting.transaction():
        pass
    assert wire.round_trips == 0


async def test_a_transaction_that_reads_nothing_is_one_round_trip(
    counting: Database, wire: Wire
) -> None:
    async with counting.transaction() as connection, connection.committing():
        await insert(connection, "alice")
        await insert(connection, "bob")
    assert wire.round_trips == 1
    assert await users(counting) == ["alice", "bob"]


@pytest.mark.parametrize("committing", [True, False])
async def test_a_block_that_raises_leaves_nothing(counting: Database, committing: bool) -> None:
    async def fail() -> None:
        async with counting.transaction() as connection:
            if not committing:
                await insert(connection, "alice")
                raise KeyError
            async with connection.committing():
                await insert(connection, "alice")
                raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await users(counting) == []


async def test_what_is_sent_at_once_fails_at_once(counting: Database) -> None:
    async def fail() -> None:
        async with counting.transaction() as connection, connection.committing():
            await insert(connection, "alice")
            await connection.execute("select nonsense")
            await insert(connection, "bob")

    with pytest.raises(DatabaseError):
        await fail()
    assert await users(counting) == []


async def test_without_a_transaction_what_is_sent_at_once_holds_or_fails_together(
    counting: Database, wire: Wire
) -> None:
    async def fail() -> None:
        async with counting.autocommit() as connection, connection.pipelined():
            await insert(connection, "alice")
            await insert(connection, "alice")

    with pytest.raises(DatabaseError):
        await fail()
    assert await users(counting) == []
    wire.round_trips = 0
    async with counting.autocommit() as connection:
        await insert(connection, "alice")
        assert wire.round_trips == 1
    assert await users(counting) == ["alice"]


@pytest.mark.parametrize("sent_before", [True, False])
async def test_a_savepoint_is_rolled_back_alone(
    counting: Database, wire: Wire, sent_before: bool
) -> None:
    async def fail(connection: Connection) -> None:
        async with connection.savepoint():
            await insert(connection, "bob")
            await connection.execute("select nonsense")

    expected = ["carol"]
    async with counting.transaction() as connection:
        if sent_before:
            await insert(connection, "alice")
            expected = ["alice", "carol"]
        with pytest.raises(psycopg.Error):
            await fail(connection)
        with pytest.raises(KeyError):
            async with connection.savepoint():
                raise KeyError
        async with connection.savepoint():
            await insert(connection, "carol")
    assert await users(counting) == expected


async def test_a_savepoint_costs_no_round_trip_of_its_own(counting: Database, wire: Wire) -> None:
    async with counting.transaction() as connection:
        async with connection.savepoint():
            await insert(connection, "alice")
        async with connection.committing():
            await insert(connection, "bob")
    assert wire.round_trips == 2
    assert await users(counting) == ["alice", "bob"]


async def test_a_connection_is_asked_whether_it_is_alive_only_after_a_while(
    counting: Database, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    await users(counting)
    wire.round_trips = 0
    now += 1.9
    await users(counting)
    assert wire.round_trips == 1
    now += 2.1
    await users(counting)
    assert wire.round_trips == 3
