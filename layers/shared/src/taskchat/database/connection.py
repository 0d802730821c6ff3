"""A connection that saves round trips: it sends BEGIN and COMMIT with other statements."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection, AsyncCursor, ConnectionInfo
from psycopg.abc import Params, QueryNoTemplate
from psycopg.rows import DictRow
from psycopg.sql import SQL

Driver = AsyncConnection[DictRow]


class Connection:
    """One transaction or, from `Database.autocommit`, statements that each commit by themselves.

    BEGIN, SAVEPOINT and RELEASE SAVEPOINT are sent together with the next statement.
    """

    def __init__(self, driver: Driver, *, begin: bool) -> None:
        self._driver = driver
        self._ahead = ["begin"] if begin else []
        self._savepoints = 0
        self._pipelined = False

    @property
    def info(self) -> ConnectionInfo:
        """What the driver knows about the session."""
        return self._driver.info

    async def execute(
        self, query: QueryNoTemplate, parameters: Params | None = None
    ) -> AsyncCursor[DictRow]:
        """Execute one statement. Within `pipelined`, reading its rows sends it at once."""
        if not self._ahead:
            return await self._driver.execute(query, parameters)
        async with self.pipelined():
            ahead, self._ahead = self._ahead, []
            for statement in ahead:
                await self._driver.execute(SQL(statement))
            return await self._driver.execute(query, parameters)

    @asynccontextmanager
    async def pipelined(self) -> AsyncIterator[None]:
        """Send the block's statements together, and wait for all of them at its end.

        Read their rows after the block. Outside a transaction, the statements commit or fail
        together. A nested block joins the outer one.
        """
        if self._pipelined:
            yield
            return
        self._pipelined = True
        try:
            async with self._driver.pipeline():
                yield
        finally:
            self._pipelined = False

    @asynccontextmanager
    async def committing(self) -> AsyncIterator[None]:
        """Send the transaction's last statements as `pipelined` does, and COMMIT with them."""
        async with self.pipelined():
            yield
            if "begin" not in self._ahead:
                self._ahead.clear()
                await self._driver.execute("commit")

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part of the transaction that is rolled back alone if the block raises."""
        self._savepoints += 1
        name = f"part_{self._savepoints}"
        self._ahead.append(f"savepoint {name}")
        try:
            yield
        except Exception:
            if f"savepoint {name}" in self._ahead:
                self._ahead.remove(f"savepoint {name}")
            else:
                self._ahead.clear()
                await self._driver.execute(SQL(f"rollback to savepoint {name}"))
            raise
        self._ahead.append(f"release savepoint {name}")
