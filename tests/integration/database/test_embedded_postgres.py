import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from local.postgres import EmbeddedPostgres, EmbeddedPostgresError
from tests.support.network import child_environment

OWNER = """
import signal, sys
from pathlib import Path
from local.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
print(server.start(), flush=True)
signal.pause()
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    """A data directory that does not exist yet, with a blank in its path."""
    # Not below pytest's own temporary directory, which other sessions close to other users.
    parent = Path(tempfile.mkdtemp(prefix="test-postgres-"))
    yield parent / "my data" / "postgres"
    shutil.rmtree(parent)


def start_owner(directory: Path) -> tuple[subprocess.Popen[str], str]:
    """A process that owns a server, and the server's URL."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(directory)],
        env=child_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    return owner, owner.stdout.readline().strip()


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def wait_until_ended(url: str) -> None:
    give_up_at = time.monotonic() + 20
    while time.monotonic() < give_up_at:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            return
        time.sleep(0.05)
    pytest.fail("the server did not end")


def test_it_is_postgresql_18_with_utf8_in_utc(directory: Path) -> None:
    with EmbeddedPostgres(directory) as server:
        assert str(value(server.url, "show server_version")).startswith("18.")
        assert value(server.url, "show server_encoding") == "UTF8"
        assert value(server.url, "show timezone") == "UTC"
        assert value(server.url, "show fsync") == "on"
        assert value(server.url, "show listen_addresses") == ""
        assert value(server.url, "select upper('ä')") == "Ä"


def test_data_survives_a_stop_and_the_address_stays(directory: Path) -> None:
    server = EmbeddedPostgres(directory, durable=False)
    url = server.start()
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select 42 as answer")
    server.stop()
    server.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    assert server.start() == server.start() == url
    assert value(url, "select answer from kept") == 42
    server.stop()


def test_a_second_owner_is_told_who_has_it(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False) as server:
        with pytest.raises(EmbeddedPostgresError, match=f"in use by process {os.getpid()}"):
            EmbeddedPostgres(directory).start()
        assert value(server.url, "select 1") == 1


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_server_ends_with_its_owner(directory: Path, ending: signal.Signals) -> None:
    owner, url = start_owner(directory)
    assert value(url, "select 1") == 1
    owner.send_signal(ending)
    owner.communicate()
    wait_until_ended(url)


def test_the_next_owner_starts_at_once_after_a_kill(directory: Path) -> None:
    owner, url = start_owner(directory)
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select 42 as answer")
    owner.kill()
    owner.communicate()
    with EmbeddedPostgres(directory, durable=False) as server:
        assert value(server.url, "select answer from kept") == 42


def test_a_server_that_was_killed_itself_is_started_again(directory: Path) -> None:
    server = EmbeddedPostgres(directory, durable=False)
    server.start()
    pid_file = directory / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    # As a crash leaves it; the pid is that of a process which must not be touched.
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    pid_file.chmod(0o600)
    with server:
        assert value(server.url, "select 1") == 1


def test_a_path_too_long_for_a_socket_is_no_obstacle(directory: Path) -> None:
    deep = directory / ("x" * 60) / ("y" * 60)
    server = EmbeddedPostgres(deep, durable=False)
    url = server.start()
    assert value(url, "select 1") == 1
    server.stop()
    assert server.start() == url
    server.stop()
    assert not Path(str(psycopg.conninfo.conninfo_to_dict(url)["host"])).exists()


def test_a_half_made_data_directory_is_made_anew(directory: Path) -> None:
    (directory / "data.new" / "base").mkdir(parents=True)
    with EmbeddedPostgres(directory, durable=False) as server:
        assert value(server.url, "select 1") == 1


def test_a_failing_start_says_what_the_server_said(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False):
        pass
    (directory / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedPostgresError, match="pg_ctl failed") as raised:
        EmbeddedPostgres(directory).start()
    assert "12" in str(raised.value)


def test_directories_above_are_opened_for_passing_only_and_only_for_root(directory: Path) -> None:
    closed = directory.parent.parent / "closed"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres(closed / "postgres", durable=False) as server:
        assert value(server.url, "select 1") == 1
    assert closed.stat().st_mode & 0o777 == (0o701 if os.geteuid() == 0 else 0o700)
