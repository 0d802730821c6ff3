"""The product without the checks that limit and count messages. For the benchmark only."""

import importlib
import inspect
import os

from starlette.applications import Starlette

from local.app import create_app

CHECKS = {
    "functions.chatkit.http.requests": "_check_message",
    "taskchat.runs.service": "count_answer",
    "taskchat.runs.ending": "count_tokens",
}
"""Each module that calls a check, with the check's name in that module."""


def product() -> Starlette:
    """Everything that `make dev` serves, without the checks."""
    for module_name, name in CHECKS.items():
        module = importlib.import_module(module_name)
        check = getattr(module, name)  # fails if the name no longer exists
        is_async = inspect.iscoroutinefunction(check)
        setattr(module, name, _nothing if is_async else lambda *_: None)
    return create_app(os.environ)


async def _nothing(*_: object) -> None:
    pass
