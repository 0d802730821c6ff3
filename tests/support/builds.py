"""What `make` builds for Lambda, and the tools it uses."""

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
    """The output of `make`, which must succeed. One at a time: tests run side by side."""
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
    """The folder of the build for an architecture, made or brought up to date if need be."""
    run_make(f".aws-sam/{architecture}/build/template.json")
    return ROOT / ".aws-sam" / architecture / "build"


def guarded(function: FunctionSpec) -> FunctionSpec:
    """The function, kept from reaching other hosts as the test's own process is."""
    guard = network.child_environment()
    variables: Mapping[str, str] = {
        name: guard[name] for name in ("PYTHONPATH", network.RECORD_VARIABLE)
    }
    return replace(function, environment={**function.environment, **variables})
