"""Migrations: numbered SQL files, applied once each, in order, forward only.

`NNNN_pre_name.sql` is applied before the new code is deployed, so it must work with the code that
is still running. `NNNN_post_name.sql` is applied after. The table `schema_migrations` records what
was applied.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal, cast

from psycopg.sql import SQL

from taskchat.database.connection import Connection
from taskchat.database.fetch import fetch_all
from taskchat.database.pool import Database
from taskchat.database.queries import load_queries
from taskchat.errors import DatabaseError

_queries = load_queries("migrations")

Phase = Literal["pre", "post"]

_FILE_NAME = re.compile(r"(?P<version>\d{4})_(?P<phase>pre|post)_\w+\.sql")


class MigrationError(DatabaseError):
    """The migration files contradict each other, or those that the database has had."""


class NewerSchemaError(MigrationError):
    """The database has had all of these migrations, and later ones: the code was rolled back."""


@dataclass(frozen=True)
class Migration:
    """One file; `checksum` is the SHA-256 of its text, in hex."""

    version: int
    phase: Phase
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_migrations(directory: Traversable | None = None) -> list[Migration]:
    """The migrations in order, numbered from 1 without a gap; without a directory, our own."""
    directory = directory or files("taskchat.database") / "migrations"
    paths = (path for path in directory.iterdir() if path.name.endswith(".sql"))
    migrations = sorted((_parse(path) for path in paths), key=lambda one: one.version)
    for expected, migration in enumerate(migrations, start=1):
        if migration.version != expected:
            raise MigrationError(f"Migration {expected:04} is missing before {migration.name}.")
    return migrations


def _parse(path: Traversable) -> Migration:
    match = _FILE_NAME.fullmatch(path.name)
    if match is None:
        raise MigrationError(f"{path.name} is not named like 0001_pre_name.sql.")
    # Git may change line endings, which must not change the checksum.
    text = path.read_text("utf-8").replace("\r\n", "\n")
    phase = cast("Phase", match["phase"])
    return Migration(int(match["version"]), phase, path.name.removesuffix(".sql"), text)


async def migrate(
    database: Database, phase: Phase | None = None, migrations: Sequence[Migration] | None = None
) -> list[int]:
    """Bring the schema up to date and return the versions applied, in order.

    Phase `pre` stops at the last `pre` file: a `post` file before it belongs to an earlier release.
    Without a phase, and with `post`, everything is applied. Concurrent migrators wait for each
    other, file by file. Raises `MigrationError`, and `NewerSchemaError` if the database has had
    later migrations.
    """
    if migrations is None:
        migrations = read_migrations()
    target = max(
        (one.version for one in migrations if phase != "pre" or one.phase == "pre"), default=0
    )
    applied: list[int] = []
    while True:
        async with database.transaction() as connection:
            migration = await _next_migration(connection, migrations)
            if migration is None or migration.version > target:
                return applied
            await connection.execute(SQL(migration.text))
            await connection.execute(
                _queries.record_migration,
                {
                    "version": migration.version,
                    "name": migration.name,
                    "checksum": migration.checksum,
                },
            )
            applied.append(migration.version)


async def _next_migration(
    connection: Connection, migrations: Sequence[Migration]
) -> Migration | None:
    """Lock out other migrators, compare the record with the files, find the next to apply."""
    await connection.execute(_queries.lift_timeouts)
    await connection.execute(_queries.lock_migrations)
    await connection.execute(_queries.restore_lock_timeout)
    await connection.execute(_queries.create_ledger)
    ledger = await fetch_all(connection, _queries.list_migrations)
    for expected, row in enumerate(ledger, start=1):
        if row["version"] != expected:
            raise MigrationError(f"The database never had migration {expected:04}.")
        if row["version"] > len(migrations):
            raise NewerSchemaError(f"The database is newer than this code: it had {row['name']}.")
        if row["checksum"] != migrations[expected - 1].checksum:
            raise MigrationError(f"{row['name']} was changed after it had been applied.")
    return next(iter(migrations[len(ledger) :]), None)
