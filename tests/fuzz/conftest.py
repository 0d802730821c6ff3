"""The settings of the fuzz tests, and the system that they test.

- `FUZZ_REQUESTS`: how many requests of each kind are sent (default 500). If it is set, the requests
  differ from run to run.
- `FUZZ_SECONDS`: after how many seconds no more are sent (default 90).
- `FUZZ_HANG_SECONDS`: how long a response may take (default 20, because tests share a machine).
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.fuzz.people import CANARY, OTHER, SENDER, Person, person_at
from tests.fuzz.report import Report
from tests.fuzz.system import System, running_system

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "500"))
SECONDS = float(os.environ.get("FUZZ_SECONDS", "90"))
HANG_SECONDS = float(os.environ.get("FUZZ_HANG_SECONDS", "20"))

MANY = settings(
    max_examples=REQUESTS,
    derandomize="FUZZ_REQUESTS" not in os.environ,
    database=None,
    deadline=None,
    # No shrinking: a failure depends on the requests before it.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def system(database_url: str, tmp_path: Path) -> Iterator[System]:
    with running_system(database_url, tmp_path) as system:
        yield system


@pytest.fixture
def sender(system: System) -> Iterator[Person]:
    """The person who sends the requests."""
    person = person_at(system.url, SENDER)
    with person.client:
        person.settle_in("mom")
        yield person


@pytest.fixture
def other(system: System) -> Iterator[Person]:
    """The person whose data nobody else may see."""
    person = person_at(system.url, OTHER)
    with person.client:
        person.settle_in(CANARY)
        yield person


@pytest.fixture
def conclude(
    system: System, sender: Person, other: Person, capsys: pytest.CaptureFixture[str]
) -> Callable[[Report], None]:
    """Prints the figures, and fails if any rule was broken."""

    def conclude(report: Report) -> None:
        with capsys.disabled():
            print(f"\n{report}")
        log = system.log.read_text("utf-8", "replace")
        if "failed unexpectedly" in log or "Traceback" in log:
            report.fail("the server's log", log[-2_000:])
        assert not report.failures, "\n".join(report.failures[:20])
        assert report.requests > 0
        tasks = other.client.get("/api/tasks").json()["tasks"]
        assert {CANARY in task["title"] for task in tasks} == {True}
        assert len(tasks) == 3

    return conclude
