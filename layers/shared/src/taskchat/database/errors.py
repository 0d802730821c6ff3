"""Translates the driver's errors into ours: the only place that does."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from taskchat.errors import DatabaseError, DatabaseUnavailableError

_TRANSIENT = (
    psycopg.OperationalError,  # lost or refused connections, deadlocks, timeouts of the pool
    errors.ReadOnlySqlTransaction,  # a failover is under way: this is the old primary, or a replica
)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise psycopg's errors as `DatabaseError` or, where a retry may help, its subclass.

    The message does not reveal the statement; the cause keeps the driver's message for the log.
    """
    try:
        yield
    except _TRANSIENT as error:
        raise DatabaseUnavailableError("The database cannot be reached right now.") from error
    except psycopg.Error as error:
        raise DatabaseError("The data could not be read or saved.") from error
