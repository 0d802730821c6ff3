"""Reads environments (name, stack name, parameters) from `samconfig.toml`."""

import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.deploy.errors import DeployError


@dataclass(frozen=True)
class Environment:
    """The names and parameters of one deployment."""

    name: str
    stack: str
    """The application stack's name; the other stacks' names begin with it."""
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    ask_before_changes: bool
    """`confirm_changeset`: whether a person has to confirm each change of an existing stack."""


def load_environment(config: Path, name: str) -> Environment:
    """Return the environment of that name. Raises `DeployError`, which lists the known ones."""
    tables = tomllib.loads(config.read_text(encoding="utf-8"))
    known = {
        key: value["deploy"]["parameters"]
        for key, value in tables.items()
        if isinstance(value, dict) and "stack_name" in value.get("deploy", {}).get("parameters", {})
    }
    if name not in known:
        raise DeployError(
            f"There is no environment {name!r}.",
            f"{config.name} has {' and '.join(sorted(known))}: make deploy ENV={min(known)}",
        )
    settings: dict[str, Any] = known[name]
    return Environment(
        name=name,
        stack=settings["stack_name"],
        parameters=parse_parameters(_words(settings.get("parameter_overrides", []))),
        tags=parse_parameters(_words(settings.get("tags", []))),
        ask_before_changes=settings.get("confirm_changeset", False),
    )


def parse_parameters(text: str) -> dict[str, str]:
    """Parse `A=1 B="two words"` into a dictionary. Raises `DeployError` for any other form."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise DeployError(f"PARAMETERS cannot be read: {error}.", _FORM) from None
    parameters = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator or not key:
            raise DeployError(f"{word!r} is not of the form Key=Value.", _FORM)
        parameters[key] = value
    return parameters


def _words(value: str | list[str]) -> str:
    return value if isinstance(value, str) else shlex.join(value)


_FORM = "Write it as PARAMETERS=\"Key=Value Other='two words'\"."
