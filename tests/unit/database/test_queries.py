import pytest

from taskchat.database import load_queries
from taskchat.database.queries import parse_queries

FILE = """-- What stands before the first name is about the file.

-- get_thing --
-- One thing of a person.
select * from things
where
    -- Someone else's does not exist.
    id = %(id)s;

-- count_things --
select count(*) from things;
"""


def test_each_query_is_an_attribute_and_is_sent_without_its_comments() -> None:
    queries = parse_queries("things.sql", FILE)
    assert queries.get_thing.as_string().splitlines() == [
        "select * from things",
        "where",
        "    id = %(id)s;",
    ]
    assert queries.count_things.as_string() == "select count(*) from things;"


def test_an_unknown_query_is_named_with_those_that_exist() -> None:
    queries = parse_queries("things.sql", FILE)
    with pytest.raises(
        AttributeError,
        match=r"no query 'get_thnig' in things.sql, which has count_things, get_thing",
    ):
        _ = queries.get_thnig


def test_a_name_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"two queries named get_thing"):
        parse_queries("things.sql", FILE + "-- get_thing --\nselect 1;")


def test_an_empty_query_is_refused() -> None:
    with pytest.raises(ValueError, match="the query nothing is empty"):
        parse_queries("things.sql", "-- nothing --\n-- only a comment\n")


def test_queries_of_the_package_are_found() -> None:
    assert "insert into users" in load_queries("users").upsert_user.as_string()
