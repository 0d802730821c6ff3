"""The databases that tests get are all like the template, whatever the test before did to them."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.support.clones import Clones
from tests.support.postgres import Server


@pytest.fixture
def clones(postgres_server: Server, template_database_url: str) -> Iterator[Clones]:
    """Those of this test alone."""
    clones = Clones(postgres_server, template_database_url)
    yield clones
    clones.drop()


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def test_rows_go_and_so_do_those_who_are_still_connected(clones: Clones) -> None:
    with clones.lend() as url:
        left = psycopg.connect(url)
        left.execute("insert into users (id) values ('alice')")
        left.commit()
    with clones.lend() as again, psycopg.connect(again) as connection:
        assert again == url
        assert connection.execute("select from users").fetchall() == []

    with pytest.raises(psycopg.OperationalError):
        left.execute("select 1")
    left.close()


@pytest.mark.parametrize(
    "change",
    [
        "alter table users drop column email",
        "alter table users add unique (email)",
        "create index on users (email)",
        "create table more ()",
        "drop table feedback",
        "grant select on users to public",
        "create function three() returns int language sql return 3",
        "insert into users values ('alice'); analyze users",
        "delete from schema_migrations where version = 1",
        "do $$ begin execute format('alter database %I set jit = off', current_database()); end $$",
    ],
)
def test_a_changed_schema_is_nobody_elses(clones: Clones, change: str) -> None:
    with clones.lend() as url:
        run(url, change)

    with clones.lend() as other:
        assert other != url
