"""Replaces the managed runtime's bootstrap: runs AWS's client with Lambda's search path."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

sys.path[0:0] = [
    os.environ["LAMBDA_TASK_ROOT"],
    str(ROOT / "opt/python/lib/python3.13/site-packages"),
    str(ROOT / "opt/python"),
    str(ROOT / "var/runtime"),
]

from awslambdaric.bootstrap import run  # noqa: E402 - found by the path above
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: E402 - likewise

run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
