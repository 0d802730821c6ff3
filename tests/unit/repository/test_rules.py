"""What holds for the whole repository, whatever changes in it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("functions", "layers", "local", "frontend/src")
CODE = {".py", ".ts", ".tsx", ".js"}


def tracked_files(*folders: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def test_the_layers_and_functions_import_only_what_they_may() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True
    )

    assert checked.returncode == 0, checked.stdout


def test_there_is_no_websocket_code() -> None:
    websocket = re.compile(r"WebSocket|wss?://")

    found = [
        path.relative_to(ROOT)
        for path in tracked_files(*SOURCES)
        if path.suffix in CODE and websocket.search(path.read_text("utf-8"))
    ]

    assert found == []


def test_no_module_of_ours_hides_a_library() -> None:
    tops = {path.parent for path in tracked_files() if path.name == "__init__.py"}

    assert not {ROOT / name for name in ("chatkit", "agents", "mcp")} & tops


@pytest.mark.parametrize(
    "path", [p for p in tracked_files() if p.match("requirements*.txt")], ids=lambda path: path.name
)
def test_every_locked_package_has_hashes_and_none_names_where_it_is_from(path: Path) -> None:
    text = path.read_text("utf-8")

    pinned = re.findall(r"^[\w.-]+(?:\[[\w,]+\])?==\S+.*$", text, re.MULTILINE)
    assert pinned
    assert all(line.endswith("\\") for line in pinned)
    assert not re.search(r"^--?(?:i|index|extra|find)|://", text, re.MULTILINE)


def test_packages_are_installed_by_their_locks_and_run_nothing_of_their_own() -> None:
    recipes = [ROOT / "Makefile", *tracked_files("make", "functions", "layers", ".ci")]
    lines = [
        line
        for path in recipes
        if path.suffix in {"", ".mk", ".py"}
        for line in path.read_text("utf-8").replace("\\\n", " ").splitlines()
        if re.search(r"\bnpm (?:ci|install)\b|\bpip (?:install|sync)\b", line)
    ]

    assert len(lines) >= 5
    for line in lines:
        if "npm" in line:
            assert "npm ci" in line, line
            assert "--ignore-scripts" in line, line
        else:
            # A constraint's hashes are checked; whatever it does not name would come unpinned.
            locked = ("--require-hashes", "--only-binary :all: --constraint layers/dependencies/")
            ours = "--no-deps --no-build-isolation -e"
            assert any(words in re.sub(r" +", " ", line) for words in (*locked, ours)), line
