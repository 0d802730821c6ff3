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
"""How long a transaction waits for a connection while none is returned. Then it fails with
`DatabaseUnavailableError`."""

BUSY_SECONDS = 30.0
"""How long it waits while connections are being returned: the server works, but the queue is
long."""

OLDEST_VERSION = 15
"""The oldest major version of PostgreSQL that supports the schema and the queries."""

_RETRY_SECONDS = 0.5
_STALE_SECONDS = 240.0

FRESH_SECONDS = 2.0
"""How long after its last use a connection is not checked: two heartbeats."""


class Database:
    """The pool of one process, opened in the event loop that will use it.

    It recovers by itself. A dead connection is detected when it is taken, and replaced. While the
    server is down, each transaction fails with `DatabaseUnavailableError` after `ACQUIRE_SECONDS`
    without a sign of life.
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
            # The pool's own backoff could take seconds to notice that the server is back. Without
            # it the pool gives up at once, and every wait for a connection makes it try again.
            reconnect_timeout=0,
            name="taskchat",
        )

    async def open(self) -> None:
        """Start connecting in the background. Succeeds even while the server is down."""
        self._used_at = time.time()
        await self._pool.open()

    async def close(self) -> None:
        """Close all connections; those in use are closed when their transactions end."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction: committed at the end of the block, rolled back when it raises.

        Raises psycopg's errors as `DatabaseError` or `DatabaseUnavailableError`, and
        `UnsupportedServerError` if the server is too old for the schema.
        """
        async with self._driver() as driver, driver:
            yield Connection(driver, begin=True)

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[Connection]:
        """For single statements: each commits by itself, in one round trip.

        Raises the same errors as `transaction`.
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
        # Networks drop connections that are idle for 350 s without telling either side, and a
        # frozen environment cannot keep them alive. The wall clock also advances while frozen.
        now = time.time()
        if now - self._used_at > _STALE_SECONDS:
            await self._pool.drain()
        self._used_at = now

        began_at = time.monotonic()
        while True:
            # If none is in use, the server is down. The pool only tries to connect when a wait
            # begins, so waits are short. Otherwise one will be returned, and a longer wait keeps
            # its place in the queue.
            seconds = ACQUIRE_SECONDS if self._in_use else _RETRY_SECONDS
            try:
                return await self._pool.getconn(timeout=seconds)
            except PoolTimeout:
                now = time.monotonic()
                quiet_since = max(began_at, self._returned_at)
                if now - quiet_since >= ACQUIRE_SECONDS or now - began_at >= BUSY_SECONDS:
                    raise

    async def _check(self, driver: Driver) -> None:
        """Reject a dead connection, and drain the pool: the others died of the same cause."""
        if self._is_fresh(driver):
            return
        try:
            await self._pool.check_connection(driver)
        except Exception:
            await self._pool.drain()
            raise

    def _is_fresh(self, driver: Driver) -> bool:
        """Whether it was used a moment ago, and the server has sent nothing since.

        A server that shuts down closes its connections, which shows without a round trip.
        """
        idle = time.time() - self._used.get(driver, -math.inf)
        if not 0 <= idle < FRESH_SECONDS:
            return False
        said = select.poll()
        said.register(driver.pgconn.socket, select.POLLIN)
        return not said.poll(0)

    async def _parameters(self) -> dict[str, Any]:
        return {
            # `Connection` begins transactions, in the round trip of their first statement.
            "autocommit": True,
            # Behind RDS Proxy, prepared statements pin a connection to its client.
            "prepare_threshold": None,
            "row_factory": dict_row,
            **await connection_parameters(self._settings),
        }


def _require_supported(connection: Driver) -> None:
    # The server reported its version when connecting: this needs no round trip.
    version = connection.info.server_version
    if version < OLDEST_VERSION * 10_000:
        raise UnsupportedServerError(
            f"PostgreSQL {version // 10_000} is too old: "
            f"version {OLDEST_VERSION} or later is needed."
        )
