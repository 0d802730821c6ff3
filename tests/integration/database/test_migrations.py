import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import LiteralString

import pytest
from psycopg.conninfo import make_conninfo

from taskchat.database import Connection, Database
from taskchat.database.migrations import Migration, MigrationError, migrate, read_migrations
from taskchat.database.queries import load_queries
from taskchat.errors import DatabaseError
from tests.support.postgres import database_settings

_queries = load_queries("migrations")

ONE = Migration(1, "pre", "0001_pre_one", "create table one (id integer);")
TWO = Migration(2, "post", "0002_post_two", "create table two (id integer); select 1;")
THREE = Migration(3, "pre", "0003_pre_three", "alter table one add column name text;")
FOUR = Migration(4, "post", "0004_post_four", "drop table two;")


@pytest.fixture
async def empty_database(empty_database_url: str) -> AsyncIterator[Database]:
    database = Database(database_settings(empty_database_url))
    await database.open()
    yield database
    await database.close()


async def test_all_migrations_apply_once_in_order(empty_database: Database) -> None:
    expected = [migration.version for migration in read_migrations()]
    assert await migrate(empty_database) == expected
    assert await migrate(empty_database) == []


async def test_pre_ends_with_the_last_pre_file(empty_database: Database) -> None:
    migrations = [ONE, TWO, THREE, FOUR]
    assert await migrate(empty_database, "pre", migrations) == [1, 2, 3]
    assert await migrate(empty_database, "pre", migrations) == []
    assert await migrate(empty_database, "post", migrations) == [4]


async def test_migrators_at_once_apply_each_file_once(empty_database: Database) -> None:
    migrations = [ONE, TWO, THREE, FOUR]
    applied = await asyncio.gather(*(migrate(empty_database, None, migrations) for _ in range(8)))
    assert sorted(version for versions in applied for version in versions) == [1, 2, 3, 4]


async def test_a_migration_that_fails_leaves_nothing_behind(empty_database: Database) -> None:
    broken = Migration(2, "pre", "0002_pre_broken", "create table half (id int); select nonsense;")
    with pytest.raises(DatabaseError):
        await migrate(empty_database, None, [ONE, broken])
    async with empty_database.transaction() as connection:
        row = await (await connection.execute("select to_regclass('half') as half")).fetchone()
    assert row == {"half": None}
    assert await migrate(empty_database, None, [ONE, TWO]) == [2]


@pytest.fixture
async def impatient_database(empty_database_url: str) -> AsyncIterator[Database]:
    """The empty database, whose server is set to give up statements and locks after 0.2 s."""
    options = "-c statement_timeout=200 -c lock_timeout=200"
    database = Database(database_settings(make_conninfo(empty_database_url, options=options)))
    await database.open()
    yield database
    await database.close()


async def test_a_migration_may_take_longer_than_a_request(impatient_database: Database) -> None:
    slow = Migration(1, "pre", "0001_pre_slow", "select pg_sleep(0.5);")
    assert await migrate(impatient_database, None, [slow]) == [1]


async def test_a_migrator_waits_for_another_longer_than_a_request_for_a_lock(
    impatient_database: Database, empty_database: Database
) -> None:
    async with empty_database.transaction() as connection:
        await connection.execute(_queries.lock_migrations)
        second = asyncio.create_task(migrate(impatient_database, None, [ONE]))
        waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted"
        async with asyncio.timeout(30):
            await _until_found(connection, waiting)
        await asyncio.sleep(0.5)
        assert not second.done()
    assert await second == [1]


async def _until_found(connection: Connection, query: LiteralString) -> None:
    while True:
        if await (await connection.execute(query)).fetchone():
            return
        await asyncio.sleep(0.02)


async def test_a_migration_gives_up_a_table_that_others_hold(
    impatient_database: Database, empty_database: Database
) -> None:
    await migrate(empty_database, None, [ONE])
    change = Migration(2, "pre", "0002_pre_change", "alter table one add column name text;")
    async with empty_database.transaction() as connection:
        await connection.execute("lock table one")
        with pytest.raises(DatabaseError):
            await migrate(impatient_database, None, [ONE, change])
    assert await migrate(impatient_database, None, [ONE, change]) == [2]


async def test_a_changed_file_is_refused(empty_database: Database) -> None:
    await migrate(empty_database, None, [ONE])
    changed = Migration(1, "pre", "0001_pre_one", ONE.text + " -- changed")
    with pytest.raises(MigrationError, match="0001_pre_one was changed after"):
        await migrate(empty_database, None, [changed, TWO])


async def test_a_database_newer_than_the_code_is_refused(empty_database: Database) -> None:
    await migrate(empty_database, None, [ONE, TWO])
    with pytest.raises(MigrationError, match="newer than this code: it had 0002_post_two"):
        await migrate(empty_database, None, [ONE])


async def test_a_gap_in_the_ledger_is_refused(empty_database: Database) -> None:
    await migrate(empty_database, None, [ONE, TWO])
    async with empty_database.transaction() as connection:
        await connection.execute("delete from schema_migrations where version = 1")
    with pytest.raises(MigrationError, match="never had migration 0001"):
        await migrate(empty_database, None, [ONE, TWO])


def test_a_gap_in_the_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0001_pre_one.sql").write_text("select 1;")
    (tmp_path / "0003_pre_three.sql").write_text("select 3;")
    with pytest.raises(MigrationError, match="0002 is missing before 0003_pre_three"):
        read_migrations(tmp_path)


def test_a_file_with_another_kind_of_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0001-initial.sql").write_text("select 1;")
    with pytest.raises(MigrationError, match=r"0001-initial\.sql is not named like"):
        read_migrations(tmp_path)
