import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import psycopg
import pytest

from local.postgres import EmbeddedPostgres
from taskchat.database import Connection, Database, pool
from taskchat.errors import DatabaseError, DatabaseUnavailableError
from tests.support.postgres import database_settings


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A server of the test's own, which it may stop."""
    directory = Path(mkdtemp(prefix="test-postgres-"))
    with EmbeddedPostgres(directory, durable=False) as server:
        yield server
    rmtree(directory)


@pytest.fixture
async def on_server(server: EmbeddedPostgres) -> AsyncIterator[Database]:
    database = Database(database_settings(server.url, pool_size=4))
    await database.open()
    yield database
    await database.close()


async def one(connection: Connection) -> int:
    row = await (await connection.execute("select 1 as one")).fetchone()
    assert row is not None
    return int(row["one"])


async def ask(database: Database) -> int:
    async with database.transaction() as connection:
        return await one(connection)


async def use_all_connections(database: Database) -> None:
    async def hold() -> None:
        async with database.transaction() as connection:
            await connection.execute("select pg_sleep(0.1)")

    await asyncio.gather(*(hold() for _ in range(4)))


async def kill_backends(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as admin:
        await admin.execute(
            """select pg_terminate_backend(pid, 2000) from pg_stat_activity
            where pid <> pg_backend_pid() and datname = current_database()"""
        )


async def test_a_block_commits_at_its_end_and_rolls_back_when_it_raises(
    database: Database,
) -> None:
    async def insert_and_fail() -> None:
        async with database.transaction() as connection:
            await connection.execute("insert into users (id) values ('alice')")
            raise KeyError

    with pytest.raises(KeyError):
        await insert_and_fail()
    async with database.transaction() as connection:
        await connection.execute("insert into users (id) values ('bob')")
    async with database.transaction() as connection:
        rows = await connection.execute("select id from users")
        assert await rows.fetchall() == [{"id": "bob"}]


async def test_a_cancelled_block_rolls_back_and_gives_its_connection_back(
    database_url: str,
) -> None:
    database = Database(database_settings(database_url, pool_size=1))
    await database.open()

    async def insert_and_hang() -> None:
        async with database.transaction() as connection:
            await connection.execute("insert into users (id) values ('alice')")
            await connection.execute("select pg_sleep(60)")

    task = asyncio.create_task(insert_and_hang())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.transaction() as connection:
        rows = await connection.execute("select id from users")
        assert await rows.fetchall() == []
    await database.close()


async def test_sessions_are_in_utc(database: Database) -> None:
    async with database.transaction() as connection:
        row = await (await connection.execute("show timezone")).fetchone()
        assert row == {"TimeZone": "UTC"}


async def test_a_server_that_was_restarted_is_not_noticed_by_the_next_transaction(
    on_server: Database, server: EmbeddedPostgres
) -> None:
    await use_all_connections(on_server)
    for _ in range(2):
        server.stop()
        server.start()
        assert await asyncio.gather(*(ask(on_server) for _ in range(8))) == [1] * 8


async def test_backends_killed_while_idle_are_not_noticed_by_the_next_transaction(
    on_server: Database, server: EmbeddedPostgres
) -> None:
    await use_all_connections(on_server)
    await kill_backends(server.url)
    assert await asyncio.gather(*(ask(on_server) for _ in range(8))) == [1] * 8


async def test_a_backend_killed_in_a_transaction_fails_that_one_only(
    on_server: Database, server: EmbeddedPostgres
) -> None:
    async def killed_half_way() -> None:
        async with on_server.transaction() as connection:
            await one(connection)
            await kill_backends(server.url)
            await one(connection)

    with pytest.raises(DatabaseUnavailableError):
        await killed_half_way()
    assert await ask(on_server) == 1


async def test_while_the_server_is_away_transactions_fail_and_afterwards_they_succeed(
    on_server: Database, server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "ACQUIRE_SECONDS", 1.0)
    await use_all_connections(on_server)
    server.stop()
    outcomes = await asyncio.gather(*(ask(on_server) for _ in range(6)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [DatabaseUnavailableError] * 6
    server.start()
    assert await ask(on_server) == 1


async def test_a_transaction_that_waits_goes_on_as_soon_as_the_server_is_back(
    on_server: Database, server: EmbeddedPostgres
) -> None:
    await ask(on_server)
    server.stop()
    waiting = asyncio.create_task(ask(on_server))
    await asyncio.sleep(1)
    await asyncio.to_thread(server.start)
    assert await waiting == 1


async def test_a_pool_opens_while_the_server_is_away(tmp_path: Path) -> None:
    database = Database(database_settings(f"postgresql:///x?host={tmp_path}"))
    await database.open()
    await database.close()


async def test_a_busy_pool_is_unavailable_rather_than_endless(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "ACQUIRE_SECONDS", 0.2)
    database = Database(database_settings(database_url, pool_size=1))
    await database.open()
    async with database.transaction():
        with pytest.raises(DatabaseUnavailableError):
            await ask(database)
    assert await ask(database) == 1
    await database.close()


async def test_a_transaction_waits_its_turn_as_long_as_others_finish_theirs(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "ACQUIRE_SECONDS", 0.4)
    database = Database(database_settings(database_url, pool_size=1))
    await database.open()

    async def work() -> None:
        async with database.transaction() as connection:
            await connection.execute("select pg_sleep(0.1)")

    await asyncio.gather(*(work() for _ in range(12)))
    await database.close()


async def test_a_connection_idle_for_minutes_is_replaced_unasked(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(database_settings(database_url, pool_size=1))
    await database.open()

    async def backend() -> int:
        async with database.transaction() as connection:
            return connection.info.backend_pid

    first = await backend()
    assert await backend() == first
    later = time.time() + 300
    monkeypatch.setattr(time, "time", lambda: later)
    assert await backend() != first
    await database.close()


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("select nonsense", DatabaseError),
        ("insert into threads (id, user_id) values ('thr_1', 'nobody')", DatabaseError),
        ("do $$ begin raise sqlstate '40001'; end $$", DatabaseUnavailableError),
        ("do $$ begin raise sqlstate '40P01'; end $$", DatabaseUnavailableError),
        ("do $$ begin raise sqlstate '25006'; end $$", DatabaseUnavailableError),
        ("select pg_terminate_backend(pg_backend_pid())", DatabaseUnavailableError),
    ],
)
async def test_the_drivers_errors_become_ours_and_tell_nothing_of_the_statement(
    database: Database, statement: str, error: type[DatabaseError]
) -> None:
    with pytest.raises(DatabaseError) as raised:
        async with database.transaction() as connection:
            await connection.execute(statement)
    assert type(raised.value) is error
    assert isinstance(raised.value.__cause__, psycopg.Error)
    assert "nonsense" not in str(raised.value)
    assert "threads" not in str(raised.value)
