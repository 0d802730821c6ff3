"""The connection pool, and transactions as the only way to use it."""

import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from taskchat.database.connecting import connection_parameters
from taskchat.database.errors import translated_errors
from taskchat.errors import UnsupportedServerError
from taskchat.settings import DatabaseSettings

Connection = AsyncConnection[DictRow]

ACQUIRE_SECONDS = 5.0
"""How long a transaction waits for a connection, while none comes back, before it fails as
unavailable."""

BUSY_SECONDS = 30.0
"""How long it waits while others finish theirs: the server is there, and many are in the queue."""

OLDEST_VERSION = 15
"""The oldest major version of PostgreSQL that has what the schema and the queries use."""

_RETRY_SECONDS = 0.5
_STALE_SECONDS = 240.0


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
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
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
        with translated_errors():
            connection = await self._take()
            self._in_use += 1
            try:
                _require_supported(connection)
                async with connection:
                    yield connection
                self._returned_at = time.monotonic()
            finally:
                self._in_use -= 1
                await self._pool.putconn(connection)

    async def _take(self) -> Connection:
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

    async def _check(self, connection: Connection) -> None:
        """Refuse a dead connection, and with it its siblings, which died of the same cause."""
        try:
            await self._pool.check_connection(connection)
        except Exception:
            await self._pool.drain()
            raise

    async def _parameters(self) -> dict[str, Any]:
        return {
            # Prepared statements pin a connection of RDS Proxy to its client.
            "prepare_threshold": None,
            "row_factory": dict_row,
            **await connection_parameters(self._settings),
        }


def _require_supported(connection: Connection) -> None:
    # The server said its version when the connection was made: asking costs nothing.
    version = connection.info.server_version
    if version < OLDEST_VERSION * 10_000:
        raise UnsupportedServerError(
            f"PostgreSQL {version // 10_000} is too old: "
            f"version {OLDEST_VERSION} or later is needed."
        )
