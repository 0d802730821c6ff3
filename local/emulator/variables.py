"""The environment variables that Lambda sets for a function."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from local.emulator.filesystem import PYTHON
from local.emulator.specification import FunctionSpec

# Of the caller's environment, the function sees only the credentials to sign requests to AWS.
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def region(environment: Mapping[str, str]) -> str:
    """Return the region in which the function is supposed to run."""
    return environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"


def function_variables(function: FunctionSpec, root: Path) -> dict[str, str]:
    """Return all variables of a new environment except the Runtime API's address."""
    opt, runtime = root / "opt", root / "var/runtime"
    return {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": f"{opt}/bin:{os.defpath}",
        "PYTHONPATH": str(runtime),
        "LAMBDA_TASK_ROOT": str(root / "var/task"),
        "LAMBDA_RUNTIME_DIR": str(runtime),
        "_HANDLER": function.handler,
        "AWS_REGION": region(os.environ),
        "AWS_DEFAULT_REGION": region(os.environ),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{uuid4().hex}",
        **_concurrency(function),
        **{name: os.environ[name] for name in CREDENTIALS if name in os.environ},
        # On Lambda, directories are read-only and there are no user-installed packages.
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "EMULATOR_PYTHON": str(PYTHON),
        **function.environment,
    }


def _concurrency(function: FunctionSpec) -> dict[str, str]:
    if function.max_concurrency == 1:
        return {}
    return {"AWS_LAMBDA_MAX_CONCURRENCY": str(function.max_concurrency)}
