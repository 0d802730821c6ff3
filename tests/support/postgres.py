"""Databases for tests: a server per session, on which databases are created and migrated."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from uuid import uuid4

import psycopg
from psycopg import sql
from pydantic import SecretStr

from local.postgres import EmbeddedPostgres
from taskchat.database import Database
from taskchat.database.migrations import migrate
from taskchat.settings import DatabaseSettings


def database_settings(url: str, *, pool_size: int = 10) -> DatabaseSettings:
    """Return the settings for the database at `url`."""
    return DatabaseSettings(url=SecretStr(url), pool_size=pool_size)


@dataclass(frozen=True)
class Server:
    """Creates and drops databases on a server, connected to the database at `url`."""

    url: str

    def create(self, template: str | None = None) -> str:
        """Create a database, empty or as a clone of `template`; returns its URL."""
        name = f"test_{uuid4().hex}"
        statement = sql.SQL("create database {}").format(sql.Identifier(name))
        if template is not None:
            source = sql.Identifier(urlsplit(template).path.removeprefix("/"))
            statement += sql.SQL(" template {}").format(source)
        self._execute(statement)
        parts = urlsplit(self.url)
        # Not geturl(), which drops the empty host of a URL with the socket in its query.
        return _unsplit(parts._replace(path=f"/{name}"))

    def drop(self, url: str) -> None:
        """Drop the database, even if it is still in use."""
        name = urlsplit(url).path.removeprefix("/")
        self._execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        )

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """Create a database for the duration of the block; yields its URL."""
        url = self.create(template)
        try:
            yield url
        finally:
            self.drop(url)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def temporary_server() -> Iterator[EmbeddedPostgres]:
    """Run a server for the duration of the block, without a schema and without durability.

    It is the embedded one, or the one whose programs are in the folder `POSTGRES_BINARIES`.
    """
    binaries = os.environ.get("POSTGRES_BINARIES")
    # Not below pytest's own temporary directory, which other sessions make unreadable for others.
    directory = Path(tempfile.mkdtemp(prefix="test-postgres-"))
    try:
        with EmbeddedPostgres(
            directory, durable=False, binaries=Path(binaries) if binaries else None
        ) as server:
            yield server
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def apply_migrations(url: str) -> None:
    """Migrate the database at `url` to the newest schema."""

    async def apply() -> None:
        database = Database(database_settings(url, pool_size=1))
        await database.open()
        try:
            await migrate(database)
        finally:
            await database.close()

    # A separate event loop, so that the test's current one stays in place.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(apply())


def _unsplit(parts: SplitResult) -> str:
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}{query}"
