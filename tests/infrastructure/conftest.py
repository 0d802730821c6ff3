"""The functions of this project as they were built, on a database of the test's own."""

import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from local.emulator import Emulator, FunctionSpec
from local.emulator.project import local_environment, project_functions
from local.files import LocalFiles
from local.services import running_services
from tests.support.builds import HOST, built, guarded

SECRET = "a secret for tests with more than thirty-two bytes"
NAMED_BY_CALLERS = {"GEMINI_API_KEY", "GEMINI_BASE_URL", "GEMINI_MODEL", "JWT_JWKS_URL"}


@pytest.fixture
async def environment(database_url: str, tmp_path: Path) -> AsyncIterator[Mapping[str, str]]:
    """Leads to the test's database, a demo model, and tokens signed by a secret of the tests'."""
    given = {name: value for name, value in os.environ.items() if name not in NAMED_BY_CALLERS}
    given |= {
        "ATTACHMENTS_DIRECTORY": str(tmp_path / "attachments"),
        "ATTACHMENTS_SECRET": SECRET,
        "ALLOWED_ORIGINS": "https://tasks.example.com",
        "DATABASE_URL": database_url,
        "JWT_SECRET": SECRET,
    }
    async with running_services(local_environment(given, pool_size=1)) as environment:
        yield environment


@pytest.fixture
def functions(environment: Mapping[str, str]) -> dict[str, FunctionSpec]:
    """The built functions by their names."""
    built_functions = project_functions(built(HOST), environment)
    return {function.name: guarded(function) for function in built_functions}


@pytest.fixture
async def emulator(
    functions: dict[str, FunctionSpec], environment: Mapping[str, str]
) -> AsyncIterator[Emulator]:
    """The built functions behind one address."""
    files = LocalFiles.from_environment(environment)
    async with Emulator(list(functions.values()), files=files) as emulator:
        yield emulator
