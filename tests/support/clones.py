"""Clones of one database, each lent to a test and emptied after it.

Making a database takes a tenth of a second of processor time and emptying one a few milliseconds,
which is a quarter of what hundreds of tests cost.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from tests.support.postgres import Server

# What a test may have changed beside rows: the schema, who may do what, the planner's statistics.
# Emptying a table gives it another file and nothing else, so pg_class is compared by what it says.
# Autovacuum gathers statistics of the template's catalogs; only those of our tables count.
_SCHEMA = """
select
    (
        select md5(string_agg(concat_ws(' ', relname, relkind, relacl, reloptions), ','
                              order by relname))
        from pg_class where relnamespace = 'public'::regnamespace
    ),
    (select md5(string_agg(ledger::text, ',' order by version)) from schema_migrations ledger),
    (select row(count(*), max(xmin::text::bigint))::text from pg_attribute),
    (select row(count(*), max(xmin::text::bigint))::text from pg_constraint),
    (select row(count(*), max(xmin::text::bigint))::text from pg_index),
    (select row(count(*), max(xmin::text::bigint))::text from pg_namespace),
    (select row(count(*), max(xmin::text::bigint))::text from pg_proc),
    (select row(count(*), max(xmin::text::bigint))::text from pg_trigger),
    (
        select count(*) from pg_statistic join pg_class on pg_class.oid = starelid
        where relnamespace = 'public'::regnamespace
    ),
    (
        select count(*) from pg_db_role_setting join pg_database on pg_database.oid = setdatabase
        where datname = current_database()
    )
"""
_TABLES = """
select relname from pg_class
where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'schema_migrations'
"""
# Whoever is still connected, a test's server for one, is disconnected, and gone within 5 seconds.
_DISCONNECT = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""


class Clones:
    """Databases like the one at `template`, on the same server."""

    def __init__(self, server: Server, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[str] = []
        with psycopg.connect(template, autocommit=True) as connection:
            self._schema = connection.execute(_SCHEMA).fetchone()
            self._tables = [name for (name,) in connection.execute(_TABLES)]

    @contextmanager
    def lend(self) -> Iterator[str]:
        """A database for as long as the block, as the template is; its URL."""
        url = self._free.pop() if self._free else self._server.create(self._template)
        try:
            yield url
        finally:
            if self._empty(url):
                self._free.append(url)
            else:
                self._server.drop(url)

    def drop(self) -> None:
        """Drop all of them; none may be lent."""
        for url in self._free:
            self._server.drop(url)

    def _empty(self, url: str) -> bool:
        """Take out all rows. False where more than rows had changed."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_DISCONNECT)
            if connection.execute(_SCHEMA).fetchone() != self._schema:
                return False
            filled = sql.SQL(" union all ").join(
                sql.SQL("select {} where exists (select from {})").format(
                    sql.Literal(table), sql.Identifier(table)
                )
                for table in self._tables
            )
            names = [sql.Identifier(name) for (name,) in connection.execute(filled)]
            if names:
                tables = sql.SQL(", ").join(names)
                connection.execute(sql.SQL("truncate {} restart identity cascade").format(tables))
        return True
