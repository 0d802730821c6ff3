"""Every statement that touches a person's rows names the person, but for those listed here."""

import re
from importlib.resources import files

import pytest

NOBODYS_TABLES = {
    "schema_migrations": "the schema's own ledger",
    "token_totals": "one sum over all people a day",
    "erasures": "hashes of people who are gone",
    "deleted_files": "files without an attachment, whose people may be gone",
}

UPKEEP = "upkeep, which works on everybody's rows by their age alone"
OWN_RUN = "by the id of a run that the same transaction holds for its person"

WITHOUT_PERSON = {
    **{
        f"maintenance.{name}": UPKEEP
        for name in (
            "trim_logs",
            "delete_counts",
            "delete_clicks",
            "delete_confirmations",
            "delete_changes",
            "delete_threads",
            "delete_unsent_attachments",
        )
    },
    "runs.lock_any_expired_run": UPKEEP,
    "runs.mark_lost": OWN_RUN,
    "runs.log_events": OWN_RUN,
    "runs.count_events": OWN_RUN,
    "threads.delete_superseded": OWN_RUN,
    "threads.restore_superseded": OWN_RUN,
}


def statements() -> dict[str, str]:
    """Every statement without its comments, by `file.name`."""
    found: dict[str, str] = {}
    for path in (files("taskchat") / "sql").iterdir():
        _, *parts = re.split(r"^-- (\w+) --$", path.read_text("utf-8"), flags=re.MULTILINE)
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            found[f"{path.name.removesuffix('.sql')}.{name}"] = re.sub(r"--.*", "", text)
    return found


def personal_tables() -> set[str]:
    """All tables but those listed above: a new one counts as personal until it is."""
    migrations = files("taskchat.database") / "migrations"
    text = "\n".join(path.read_text("utf-8") for path in migrations.iterdir())
    return set(re.findall(r"create table (?:if not exists )?(\w+)", text)) - set(NOBODYS_TABLES)


STATEMENTS = statements()
PERSONAL = re.compile(
    rf"\b(?:from|join|into|update|using|table)\s+(?:{'|'.join(sorted(personal_tables()))})\b",
    re.IGNORECASE,
)
TOUCHING = sorted(name for name, text in STATEMENTS.items() if PERSONAL.search(text))


def names_the_person(statement: str) -> bool:
    """Whether a condition is on the person, or an insert has their id among its values."""
    if re.search(r"\binsert into users\b", statement):
        return "values (%(id)s" in statement
    if re.search(r"\binsert into\b", statement):
        return "%(user_id)s" in statement
    return bool(re.search(r"\b(?:user_id|id) = %\(user_id\)s", statement))


@pytest.mark.parametrize("name", [name for name in TOUCHING if name not in WITHOUT_PERSON])
def test_the_statement_names_the_person(name: str) -> None:
    assert names_the_person(STATEMENTS[name]), STATEMENTS[name]


@pytest.mark.parametrize("name", sorted(WITHOUT_PERSON))
def test_the_list_of_exceptions_has_nothing_that_needs_none(name: str) -> None:
    assert name in TOUCHING
    assert not names_the_person(STATEMENTS[name])


@pytest.mark.parametrize(
    "name", [name for name in TOUCHING if re.search(r"\b(?:update|delete)\b", STATEMENTS[name])]
)
def test_no_statement_updates_or_deletes_without_a_condition(name: str) -> None:
    assert re.search(r"\bwhere\b|\bon conflict\b", STATEMENTS[name])


@pytest.mark.parametrize(
    "statement",
    [
        "select * from tasks where id = %(id)s",
        "select %(user_id)s from tasks",
        "update threads set title = %(title)s where id = %(id)s and user_id = user_id",
        "insert into tasks (id, title) values (%(id)s, %(title)s)",
    ],
)
def test_a_statement_that_forgets_the_person_is_found(statement: str) -> None:
    assert PERSONAL.search(statement)
    assert not names_the_person(statement)


def test_the_statements_of_the_store_are_seen() -> None:
    assert {"tasks.get_task", "threads.get_item", "users.upsert_user"} <= set(TOUCHING)
    assert len(TOUCHING) > 60
