"""The API does what its OpenAPI document says, and takes what it says, and nothing else."""

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from functions.api.app import ApiSettings
from taskchat.settings import LimitSettings

ROOT = Path(__file__).parents[3]
EXAMPLES = 20


@pytest.fixture
def settings(settings: ApiSettings) -> ApiSettings:
    """Limits that this many requests do not reach."""
    limits = LimitSettings(changes_per_minute=100_000, tasks_per_person=100_000)
    return replace(settings, limits=limits)


@pytest.mark.timeout(400)
async def test_schemathesis_has_nothing_to_report(
    api_url: str, sign: Callable[..., str], tmp_path: Path
) -> None:
    program = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        "run",
        f"{api_url}/api/openapi.json",
        f"--header=Authorization: Bearer {sign('alice')}",
        "--checks=all",
        f"--max-examples={EXAMPLES}",
        "--seed=1",
        "--generation-database=none",
        "--warnings=off",  # it misses answers to stop, which only a chat begins
        "--no-color",
        cwd=tmp_path,  # it keeps what it found where it runs
        env=os.environ
        | {"SCHEMATHESIS_HOOKS": "tests.support.openapi_formats", "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await program.communicate()
    report = output.decode()
    assert program.returncode == 0, report
    assert "No issues found" in report, report
    assert "14 selected / 14 total" in report
