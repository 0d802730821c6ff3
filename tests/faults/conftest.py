"""The fault suite: real processes and a real Postgres, killed, restarted, stopped and left.

Its figures are printed at the end. `FAULTS_SEED` repeats the random moments of an earlier run.
"""

import os
import random
from collections.abc import AsyncIterator, Callable

import psycopg
import pytest

from tests.faults.machines import UvicornProcesses
from tests.support.chat import app_environment
from tests.support.model_server import ModelServer

Figure = Callable[[str, str], None]

_FIGURES = pytest.StashKey[list[tuple[str, str]]]()

# A tool call is over in a few milliseconds. Made longer at the places where it would be half done,
# it is there that kills and stops meet it.
SLOW_TOOLS = """
create function take_a_moment() returns trigger language plpgsql as
$$ begin perform pg_sleep(0.03); return new; end $$;
create trigger slow_task before insert on tasks
    for each row execute function take_a_moment();
create trigger slow_change before insert on changes
    for each row execute function take_a_moment();
create trigger slow_tool_call before insert on tool_calls
    for each row execute function take_a_moment();
"""


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    given = os.environ.get("FAULTS_SEED")
    chosen = int(given) if given else random.SystemRandom().randrange(10**6)
    pytestconfig.stash.setdefault(_FIGURES, []).append(("seed", str(chosen)))
    return chosen


@pytest.fixture
def figure(pytestconfig: pytest.Config) -> Figure:
    """Notes a figure for the end of the run."""

    def note(name: str, value: str) -> None:
        pytestconfig.stash.setdefault(_FIGURES, []).append((name, value))

    return note


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the figures."""
    if figures := config.stash.get(_FIGURES, []):
        terminalreporter.section("faults")
        for name, value in figures:
            terminalreporter.write_line(f"{name:<44} {value}")


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
def slow_database_url(database_url: str) -> str:
    """A database in which a tool call takes a tenth of a second."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(SLOW_TOOLS)
    return database_url


@pytest.fixture
def environment(slow_database_url: str, model: ModelServer) -> dict[str, str]:
    return app_environment(slow_database_url, model)


@pytest.fixture
async def uvicorns() -> AsyncIterator[UvicornProcesses]:
    async with UvicornProcesses() as processes:
        yield processes
