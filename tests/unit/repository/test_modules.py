"""What a module may be: short, strict, and without a second holder of an answer's identity."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.unit.repository.test_rules import ROOT, tracked_files

MOST_LINES = 250
FOLDERS = ("functions", "infra", "layers", "local", "make", "frontend/src")
CODE = {".py", ".ts", ".tsx"}

SUPPRESSION = re.compile(r"(?:#|//) ?(?:noqa|type: ?ignore|biome-ignore|@ts-\w+)\b.*")
WITH_REASON = re.compile(
    r"# (?:noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*|type: ignore\[[\w-]+\]) {1,2}[-#(]? ?\w.{5,}"
    r"|// biome-ignore [\w/]+: .{5,}"
)

IDENTITY = {
    "user": {"user_id", "user"},
    "thread": {"thread_id", "thread"},
    "run": {"run_id", "run"},
}


def code(*folders: str) -> Iterator[tuple[str, str]]:
    """Name and text of each module."""
    for path in tracked_files(*folders):
        if path.suffix in CODE:
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def test_no_module_is_long() -> None:
    assert [name for name, text in code(*FOLDERS) if text.count("\n") > MOST_LINES] == []


def test_every_suppression_says_why() -> None:
    lines = [
        (name, found[0])
        for name, text in code(*FOLDERS, "tests", "frontend/tests", "frontend/e2e")
        if name != Path(__file__).relative_to(ROOT).as_posix()
        for found in SUPPRESSION.finditer(text)
    ]

    assert lines
    assert [line for line in lines if not WITH_REASON.fullmatch(line[1])] == []


def test_only_an_answer_holds_person_thread_and_run_together() -> None:
    holders = {
        node.name
        for _, text in code("functions/chatkit")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
        and all(fields(node) & names for names in IDENTITY.values())
    }

    assert holders == {"Answer"}


def fields(definition: ast.ClassDef) -> set[str]:
    """The names of a class's own fields: those declared, those set, and properties."""
    names: set[str] = set()
    for node in ast.walk(definition):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                names.add(name)
            case ast.FunctionDef(name=name) if node.decorator_list:
                names.add(name)
    return names
