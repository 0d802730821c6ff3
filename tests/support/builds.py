"""The builds that `make` creates for Lambda, and their tools."""

import fcntl
import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from platform import machine

from local.emulator import FunctionSpec
from tests.support import network

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".venv-aws"
HOST = machine().replace("aarch64", "arm64")


def run_make(*arguments: str, **variables: str) -> str:
    """Run `make` and return its output; it must succeed. A lock serialises concurrent tests."""
    with (ROOT / "make/aws.mk").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            ["make", "--no-print-directory", *arguments],
            cwd=ROOT,
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    return done.stdout


@cache
def built(architecture: str) -> Path:
    """Return the build folder for an architecture, after building or updating it if need be."""
    run_make(f".aws-sam/{architecture}/build/template.json")
    return ROOT / ".aws-sam" / architecture / "build"


def guarded(function: FunctionSpec) -> FunctionSpec:
    """Return the function with the network guard of the test's own process."""
    guard = network.child_environment()
    variables: Mapping[str, str] = {
        name: guard[name] for name in ("PYTHONPATH", network.RECORD_VARIABLE)
    }
    return replace(function, environment={**function.environment, **variables})
