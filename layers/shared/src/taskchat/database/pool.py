"""The connection pool, used by transactions and by single statements."""

import math
import select
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from taskchat.database.connecting import connection_parameters
from taskchat.database.connection import Connection, Driver
from taskchat.database.errors import translated_errors
from taskchat.errors import UnsupportedServerError
from taskchat.settings import DatabaseSettings

ACQUIRE_SECONDS = 5.0
"""How long a transaction waits for a connection, while none comes back, before it fails as
unavailable."""

BUSY_SECONDS = 30.0
"""How long it waits while others finish theirs: the server is there, and many are in the queue."""

OLDEST_VERSION = 15
"""The oldest major version of PostgreSQL that has what the schema and the queries use."""

_RETRY_SECONDS = 0.5
_STALE_SECONDS = 240.0

FRESH_SECONDS = 2.0
"""How long after its last use a connection is not asked whether it is alive: two heartbeats."""


class Database:
    """The pool of one process, opened in the event loop that will use it.

    It needs nothing to recover: a dead connection is found when it is taken and replaced, and
    while the server is away each transaction fails with `DatabaseUnavailableError` after
    `ACQUIRE_SECONDS` without a sign of life.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings
        self._used_at = 0.0
        self._returned_at = -math.inf
        self._in_use = 0
        self._used: WeakKeyDictionary[Driver, float] = WeakKeyDictionary()
        self._pool: AsyncConnectionPool[Driver] = AsyncConnectionPool(
            open=False,
            kwargs=self._parameters,
            check=self._check,
            min_size=1,
            max_size=settings.pool_size,
            # The pool's own backoff would leave a server that is back unnoticed for seconds. It
            # gives up at once instead, and every wait for a connection makes it try again.
            reconnect_timeout=0,
            name="taskchat",
        )

    async def open(self) -> None:
        """Start connecting in the background; succeeds also while the server is away."""
        self._used_at = time.time()
        await self._pool.open()

    async def close(self) -> None:
        """Close all connections; those in use, when their transactions end."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction: committed at the end of the block, rolled back when it raises.

        psycopg's errors leave as `DatabaseError` or `DatabaseUnavailableError`. Raises
        `UnsupportedServerError` where the server is too old for the schema.
        """
        async with self._driver() as driver, driver:
            yield Connection(driver, begin=True)

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[Connection]:
        """For single statements: each is committed by itself, in one round trip.

        Errors leave as from `transaction`.
        """
        async with self._driver() as driver:
            yield Connection(driver, begin=False)

    @asynccontextmanager
    async def _driver(self) -> AsyncIterator[Driver]:
        with translated_errors():
            driver = await self._take()
            self._in_use += 1
            try:
                _require_supported(driver)
                yield driver
                self._returned_at = time.monotonic()
                self._used[driver] = time.time()
            finally:
                self._in_use -= 1
                await self._pool.putconn(driver)

    async def _take(self) -> Driver:
        # Networks forget a connection that was idle for 350 s, without a word to either side, and
        # a frozen environment cannot keep it alive. The wall clock also runs while frozen.
        now = time.time()
        if now - self._used_at > _STALE_SECONDS:
            await self._pool.drain()
        self._used_at = now

        began_at = time.monotonic()
        while True:
            # With none in use the server is away: each wait makes the pool try to connect, but
            # ends in the queue. Otherwise one will come back, and the place in the queue counts.
            seconds = ACQUIRE_SECONDS if self._in_use else _RETRY_SECONDS
            try:
                return await self._pool.getconn(timeout=seconds)
            except PoolTimeout:
                now = time.monotonic()
                quiet_since = max(began_at, self._returned_at)
                if now - quiet_since >= ACQUIRE_SECONDS or now - began_at >= BUSY_SECONDS:
                    raise

    async def _check(self, driver: Driver) -> None:
        """Refuse a dead connection, and with it its siblings, which died of the same cause."""
        if self._is_fresh(driver):
            return
        try:
            await self._pool.check_connection(driver)
        except Exception:
            await self._pool.drain()
            raise

    def _is_fresh(self, driver: Driver) -> bool:
        """Whether it worked a moment ago and the server has not said a word since.

        A server that goes away closes its connections, which can be seen without asking it.
        """
        idle = time.time() - self._used.get(driver, -math.inf)
        if not 0 <= idle < FRESH_SECONDS:
            return False
        said = select.poll()
        said.register(driver.pgconn.socket, select.POLLIN)
        return not said.poll(0)

    async def _parameters(self) -> dict[str, Any]:
        return {
            # Transactions are begun by `Connection`, in the round trip of their first statement.
            "autocommit": True,
            # Prepared statements pin a connection of RDS Proxy to its client.
            "prepare_threshold": None,
            "row_factory": dict_row,
            **await connection_parameters(self._settings),
        }


def _require_supported(connection: Driver) -> None:
    # The server said its version when the connection was made: asking costs nothing.
    version = connection.info.server_version
    if version < OLDEST_VERSION * 10_000:
        raise UnsupportedServerError(
            f"PostgreSQL {version // 10_000} is too old: "
            f"version {OLDEST_VERSION} or later is needed."
        )
