"""One emulated account for all steps, which build on each other as an operator's days do."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.emulated import EmulatedAws, emulated_aws
from tests.deploy.operator_at_work import Operator
from tests.deploy.surroundings import Surroundings, surroundings


@pytest.fixture(scope="module")
def aws() -> Iterator[EmulatedAws]:
    """An account with nothing in it."""
    with emulated_aws() as aws:
        yield aws


@pytest.fixture(scope="module")
def around(aws: EmulatedAws) -> Iterator[Surroundings]:
    """What the operator brings along."""
    with surroundings(aws) as around:
        yield around


@pytest.fixture(scope="module")
def operator(aws: EmulatedAws, around: Surroundings) -> Iterator[Operator]:
    """A person who deploys into the account."""
    clone = Path(tempfile.mkdtemp(prefix="test-clone-"))
    operator = Operator(aws, clone)
    operator.parameters |= around.parameters
    yield operator
    shutil.rmtree(clone, ignore_errors=True)
