"""Postgres: the pool, named queries, migrations, and our own errors for the driver's."""

from taskchat.database.connection import Connection
from taskchat.database.fetch import fetch_all, fetch_one
from taskchat.database.pool import Database
from taskchat.database.queries import Queries, load_queries
from taskchat.database.retry import with_retries

__all__ = [
    "Connection",
    "Database",
    "Queries",
    "fetch_all",
    "fetch_one",
    "load_queries",
    "with_retries",
]
