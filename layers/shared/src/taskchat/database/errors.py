"""The one place where the driver's errors become ours."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from taskchat.errors import DatabaseError, DatabaseUnavailableError

_TRANSIENT = (
    psycopg.OperationalError,  # lost or refused connections, deadlocks, serialization, the pool's
    errors.ReadOnlySqlTransaction,  # a failover is under way: this is the old primary, or a replica
)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Let psycopg's errors leave as `DatabaseError` or, where a retry may help, its subclass.

    The message says nothing of the statement; the cause keeps the driver's own words for the log.
    """
    try:
        yield
    except _TRANSIENT as error:
        raise DatabaseUnavailableError("The database cannot be reached right now.") from error
    except psycopg.Error as error:
        raise DatabaseError("The data could not be read or saved.") from error
