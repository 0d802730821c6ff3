"""Rows of one statement."""

from collections.abc import Mapping
from typing import Any

from psycopg.rows import DictRow
from psycopg.sql import SQL

from taskchat.database.connection import Connection


async def fetch_one(
    connection: Connection, query: SQL, parameters: Mapping[str, Any] | None = None
) -> DictRow | None:
    """The first row of the statement's result, if there is one."""
    return await (await connection.execute(query, parameters)).fetchone()


async def fetch_all(
    connection: Connection, query: SQL, parameters: Mapping[str, Any] | None = None
) -> list[DictRow]:
    """All rows of the statement's result."""
    return await (await connection.execute(query, parameters)).fetchall()
