"""What every test may use: databases, and the guarantee that nothing leaves this machine.

Where tests run side by side in several processes, each of these has a database server and a record
of refused connections of its own.
"""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from taskchat.database import Database
from tests.support import network
from tests.support.clones import Clones
from tests.support.postgres import (
    Server,
    apply_migrations,
    database_settings,
    temporary_server,
)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return  # this process runs no tests itself
    handle, record = tempfile.mkstemp(prefix="test-network-")
    os.close(handle)
    os.environ[network.RECORD_VARIABLE] = record
    # Processes that are started without an environment of their own are guarded as well.
    os.environ.update(network.child_environment())
    network.install()


def pytest_unconfigure() -> None:
    if record := os.environ.pop(network.RECORD_VARIABLE, None):
        Path(record).unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    """Fails a test in which this process, or one that it started, tried to reach another host."""
    record = Path(os.environ[network.RECORD_VARIABLE])
    before = record.stat().st_size
    yield
    refused = record.read_text("utf-8")[before:]
    assert not refused, f"the network was reached for:\n{refused}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """The server for the tests' databases: that of `DATABASE_URL`, else an embedded one."""
    if url := os.environ.get("DATABASE_URL"):
        yield Server(url)
        return
    with temporary_server() as server:
        yield Server(server.url)


@pytest.fixture(scope="session")
def template_database_url(postgres_server: Server) -> Iterator[str]:
    """A database with the newest schema and no rows, to be cloned only."""
    with postgres_server.database() as url:
        apply_migrations(url)
        yield url


@pytest.fixture
def empty_database_url(postgres_server: Server) -> Iterator[str]:
    """A database of the test's own, without a schema."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def clones(postgres_server: Server, template_database_url: str) -> Iterator[Clones]:
    clones = Clones(postgres_server, template_database_url)
    yield clones
    clones.drop()


@pytest.fixture
def database_url(clones: Clones) -> Iterator[str]:
    """A database of the test's own, with the newest schema and no rows."""
    with clones.lend() as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The test's own database, opened."""
    database = Database(database_settings(database_url))
    await database.open()
    yield database
    await database.close()
