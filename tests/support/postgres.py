"""Databases for tests: one server per session, a migrated template, a clone per test."""

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
    """Settings for the database at `url`."""
    return DatabaseSettings(url=SecretStr(url), pool_size=pool_size)


@dataclass(frozen=True)
class Server:
    """A server on which databases are made and dropped; `url` is that of one to connect to."""

    url: str

    def create(self, template: str | None = None) -> str:
        """A new database, empty or a clone of `template`; its URL."""
        name = f"test_{uuid4().hex}"
        statement = sql.SQL("create database {}").format(sql.Identifier(name))
        if template is not None:
            source = sql.Identifier(urlsplit(template).path.removeprefix("/"))
            statement += sql.SQL(" template {}").format(source)
        self._execute(statement)
        parts = urlsplit(self.url)
        # Not geturl(): it drops the empty host of a URL whose socket is in the query.
        return _unsplit(parts._replace(path=f"/{name}"))

    def drop(self, url: str) -> None:
        """Drop the database, whoever still uses it."""
        name = urlsplit(url).path.removeprefix("/")
        self._execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        )

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """A database for as long as the block; its URL."""
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
    """A server for as long as the block, without a schema and without durability.

    It is the embedded one, or that whose programs are in the folder `POSTGRES_BINARIES`.
    """
    binaries = os.environ.get("POSTGRES_BINARIES")
    # Not below pytest's own temporary directory, which other sessions close to other users.
    directory = Path(tempfile.mkdtemp(prefix="test-postgres-"))
    try:
        with EmbeddedPostgres(
            directory, durable=False, binaries=Path(binaries) if binaries else None
        ) as server:
            yield server
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def apply_migrations(url: str) -> None:
    """Give the database at `url` the newest schema."""

    async def apply() -> None:
        database = Database(database_settings(url, pool_size=1))
        await database.open()
        try:
            await migrate(database)
        finally:
            await database.close()

    # A loop of its own, which leaves the test's current loop alone.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(apply())


def _unsplit(parts: SplitResult) -> str:
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}{query}"
