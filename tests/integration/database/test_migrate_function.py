import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast
from uuid import uuid4

import psycopg
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import ValidationError

from functions.migrate.app import handler
from taskchat.database.migrations import read_migrations
from taskchat.errors import SettingsError
from tests.support.silent_hosts import accepting_host, dropping_host, vanishing_host

ALL = [migration.version for migration in read_migrations()]


@dataclass(frozen=True)
class FakeContext:
    """The part of Lambda's context that the function reads."""

    remaining_ms: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


class TickingContext:
    """A context whose time runs."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(1000 * (self._ends_at - time.monotonic()))


CONTEXT = cast("LambdaContext", FakeContext())


@dataclass
class CloudFormation:
    """A server that takes the answers of custom resources."""

    url: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)

    def event(self, request_type: str = "Create", **properties: str) -> dict[str, Any]:
        return {
            "RequestType": request_type,
            "ResponseURL": self.url,
            "StackId": "arn:stack",
            "RequestId": "request-1",
            "LogicalResourceId": "SchemaMigration",
            "ResourceType": "Custom::SchemaMigration",
            "ResourceProperties": {"ServiceToken": "arn:function", **properties},
        }


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    received = CloudFormation()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            received.content_types.append(self.headers["content-type"])
            body = self.rfile.read(int(self.headers["content-length"]))
            received.answers.append(json.loads(body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        received.url = f"http://127.0.0.1:{server.server_port}/answer?signature=x"
        yield received
        server.shutdown()


@pytest.fixture
def database_at(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database that the function's environment names."""
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    return empty_database_url


def test_by_hand_it_applies_what_is_missing(database_at: str) -> None:
    assert handler({}, CONTEXT) == {"applied": ALL}
    assert handler({"phase": "post"}, CONTEXT) == {"applied": []}
    with psycopg.connect(database_at) as connection:
        assert connection.execute("select count(*) from tasks").fetchone() == (0,)


def test_by_hand_a_phase_that_does_not_exist_is_refused(database_at: str) -> None:
    with pytest.raises(ValidationError):
        handler({"phase": "during"}, CONTEXT)


def test_by_hand_a_wrong_setting_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("DATABASE_HOST", raising=False)
    with pytest.raises(SettingsError, match="DATABASE_URL is not set"):
        handler({}, CONTEXT)


def test_as_a_resource_it_answers_what_it_applied(
    database_at: str, cloudformation: CloudFormation
) -> None:
    handler(cloudformation.event("Create", Phase="pre"), CONTEXT)
    handler(cloudformation.event("Update") | {"PhysicalResourceId": "schema"}, CONTEXT)
    common = {
        "Status": "SUCCESS",
        "StackId": "arn:stack",
        "RequestId": "request-1",
        "LogicalResourceId": "SchemaMigration",
        "PhysicalResourceId": "schema",
    }
    assert cloudformation.answers == [
        common | {"Data": {"Applied": ALL}},
        common | {"Data": {"Applied": []}},
    ]
    # The URL is signed without a content type.
    assert [kind or None for kind in cloudformation.content_types] == [None, None]


def test_under_sam_local_it_answers_nobody(
    database_at: str, cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")

    outcome = handler(cloudformation.event("Create"), CONTEXT)

    assert outcome == {"Status": "SUCCESS", "Data": {"Applied": ALL}}
    assert cloudformation.answers == []


def test_as_a_resource_its_deletion_changes_nothing(
    database_at: str, cloudformation: CloudFormation
) -> None:
    handler({}, CONTEXT)
    handler(cloudformation.event("Delete"), CONTEXT)
    assert cloudformation.answers[0]["Status"] == "SUCCESS"
    with psycopg.connect(database_at) as connection:
        assert connection.execute("select count(*) from tasks").fetchone() == (0,)


def test_as_a_resource_it_answers_a_failure_with_its_reason(
    database_at: str, cloudformation: CloudFormation
) -> None:
    handler({}, CONTEXT)
    with psycopg.connect(database_at) as connection:
        connection.execute("update schema_migrations set checksum = 'other'")
    handler(cloudformation.event("Update"), CONTEXT)
    answer = cloudformation.answers[0]
    assert answer["Status"] == "FAILED"
    assert "0001_pre_initial was changed" in answer["Reason"]


def test_as_a_resource_it_leaves_a_schema_that_is_newer_than_the_code(
    database_at: str, cloudformation: CloudFormation
) -> None:
    """As in a roll-back: the newer code has migrated, and the older one is deployed again."""
    handler({}, CONTEXT)
    with psycopg.connect(database_at) as connection:
        connection.execute("insert into schema_migrations values (9999, '9999_pre_later', 'x')")
        connection.execute(
            "update schema_migrations set version = %s where version = 9999", [len(ALL) + 1]
        )
    handler(cloudformation.event("Update", Phase="pre"), CONTEXT)
    answer = cloudformation.answers[0]
    assert (answer["Status"], answer["Data"]) == ("SUCCESS", {"Applied": []})


def test_the_role_that_serves_reads_and_writes_rows_and_changes_no_schema(
    database_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"service_{uuid4().hex}"
    monkeypatch.setenv("DATABASE_SERVICE_USER", role)
    handler({}, CONTEXT)
    handler({}, CONTEXT)  # the role exists, and has it all
    with psycopg.connect(database_at, autocommit=True) as connection:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        tables = [
            name
            for (name,) in connection.execute(
                "select tablename from pg_tables where schemaname = 'public'"
            )
        ]
        assert "tasks" in tables
        for table in tables:
            rows = sql.SQL("select count(*) from {}").format(sql.Identifier(table))
            connection.execute(rows)
        connection.execute("insert into users (id) values ('ada')")
        connection.execute("delete from users")
        for refused in (
            "create table more ()",
            "alter table tasks add column more text",
            "drop table tasks",
            "truncate tasks",
            "create index on tasks (title)",
            "delete from schema_migrations",
            "create role another",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(refused)
        connection.execute("reset role")
        connection.execute(sql.SQL("drop owned by {}").format(sql.Identifier(role)))
        connection.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


def test_as_a_resource_it_answers_a_refused_statement_in_the_servers_words(
    database_at: str, cloudformation: CloudFormation
) -> None:
    with psycopg.connect(database_at) as connection:
        connection.execute("create table tasks ()")
    handler(cloudformation.event("Create"), CONTEXT)
    answer = cloudformation.answers[0]
    assert answer["Status"] == "FAILED"
    assert 'relation "tasks" already exists' in answer["Reason"]


def test_as_a_resource_it_answers_before_its_time_is_over(
    database_at: str, cloudformation: CloudFormation
) -> None:
    handler({}, CONTEXT)
    in_a_hurry = cast("LambdaContext", FakeContext(remaining_ms=10_300))
    with psycopg.connect(database_at) as connection:
        connection.execute("lock table schema_migrations in access exclusive mode")
        handler(cloudformation.event("Update"), in_a_hurry)
    answer = cloudformation.answers[0]
    assert answer["Status"] == "FAILED"
    assert "TimeoutError" in answer["Reason"]


@pytest.mark.parametrize("host", [accepting_host, dropping_host])
def test_as_a_resource_it_answers_in_time_where_no_connection_is_made(
    host: Callable[[], AbstractContextManager[int]],
    cloudformation: CloudFormation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = TickingContext(seconds=30)
    with host() as port:
        monkeypatch.setenv("DATABASE_URL", f"postgresql://ada@127.0.0.1:{port}/taskchat")
        handler(cloudformation.event("Create"), cast("LambdaContext", context))

    answer = cloudformation.answers[0]
    assert answer["Status"] == "FAILED"
    assert "The database cannot be reached right now." in answer["Reason"]
    assert context.get_remaining_time_in_millis() > 0


def test_as_a_resource_it_answers_in_time_where_the_connection_goes_dead(
    database_at: str, cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(conninfo_to_dict(database_at)["host"])
    context = TickingContext(seconds=12)
    with vanishing_host(folder) as port:
        monkeypatch.setenv("DATABASE_URL", make_conninfo(database_at, host="127.0.0.1", port=port))
        handler(cloudformation.event("Create"), cast("LambdaContext", context))

    assert cloudformation.answers[0]["Status"] == "FAILED"
    assert context.get_remaining_time_in_millis() > 0
