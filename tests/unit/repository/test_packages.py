"""What the packages that others take say they need is what they import."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

LAYERS = Path(__file__).resolve().parents[3] / "layers"
OF_AN_EXTRA = {
    "taskchat/gemini": "assistant",
    "taskchat/auth": "web",
    "taskchat/web": "web",
    "taskchat/secrets.py": "aws",
    "taskchat/attachments/s3.py": "aws",
    "taskchat/database/connecting.py": "aws",
}
"""Modules that need an extra, and which; all others do with what every installation has."""


def declared(package: str) -> dict[str | None, set[str]]:
    """The distributions that each extra asks for; under None, those that are always there."""
    project = tomllib.loads((LAYERS / package / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {None: project["dependencies"], **project.get("optional-dependencies", {})}
    return {
        extra: {distribution for line in lines for distribution in _distributions(line)}
        for extra, lines in groups.items()
    }


def _distributions(requirement: str) -> Iterator[str]:
    name, extras, _ = re.split(r"(?:\[([\w,]+)\])?(?:[<>].*)?$", requirement, maxsplit=1)
    yield name
    if extras and "pool" in extras:
        yield f"{name}-pool"
    if name == "pydantic":
        yield "pydantic-core"
    if name == "boto3":
        yield "botocore"


owners = cache(packages_distributions)


def imported(path: Path) -> set[str]:
    """The distributions whose modules a module imports when it runs."""
    names: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        match waiting.pop():
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case ast.Import(names=aliases):
                names |= {alias.name.partition(".")[0] for alias in aliases}
            case ast.ImportFrom(module=str(module)):
                names.add(module.partition(".")[0])
            case node:
                waiting.extend(ast.iter_child_nodes(node))
    foreign = names - sys.stdlib_module_names - {"taskchat", "lambda_streaming"}
    return {owners()[name][0].lower().replace("_", "-") for name in foreign}


@pytest.mark.parametrize("package", ["shared", "streaming"])
def test_a_module_imports_only_what_its_package_or_extra_asks_for(package: str) -> None:
    asked = declared(package)
    source = LAYERS / package / "src"
    used: dict[str | None, set[str]] = {extra: set() for extra in asked}

    for path in source.rglob("*.py"):
        module = path.relative_to(source).as_posix()
        extra = next((e for part, e in OF_AN_EXTRA.items() if module.startswith(part)), None)
        used[extra] |= imported(path) - (asked[None] if extra else set())

    for extra, distributions in used.items():
        assert distributions <= asked[extra], extra
