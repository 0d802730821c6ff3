"""The build holds what Lambda needs, for the right processor, and little else."""

import importlib.util
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.builds import ROOT, TOOLS, built

ELF_MACHINES = {"x86_64": 62, "arm64": 183}
ARCHITECTURES = pytest.mark.parametrize("architecture", ELF_MACHINES)
UNCHECKED_HASH = 0b01


def files(build: Path) -> Iterator[Path]:
    return (path for path in build.rglob("*") if path.is_file())


@ARCHITECTURES
def test_every_binary_is_for_the_processor_that_was_asked_for(architecture: str) -> None:
    machines = []
    for path in files(built(architecture)):
        with path.open("rb") as file:
            head = file.read(20)
        if head.startswith(b"\x7fELF"):
            machines.append(int.from_bytes(head[18:20], "little"))

    assert len(machines) > 10
    assert set(machines) == {ELF_MACHINES[architecture]}


@ARCHITECTURES
def test_the_size_is_printed_and_within_the_limits(architecture: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(TOOLS / "bin/python", ROOT / "make/build_output.py"),
            *("publish", built(architecture), tmp_path / "build"),
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    sizes = [path.stat().st_size for path in files(tmp_path / "build")]

    assert "unpacked total: " in done.stdout
    assert sum(sizes) < 130_000_000
    print(done.stdout)


@ARCHITECTURES
def test_the_byte_code_is_valid_without_a_look_at_the_source(architecture: str) -> None:
    build = built(architecture)
    sources = [*build.glob("*Layer/python/*/**/*.py"), *build.glob("*Function/**/*.py")]

    assert len(sources) > 1000
    for source in sources:
        compiled = Path(importlib.util.cache_from_source(str(source)))
        if compiled.exists():
            header = compiled.read_bytes()[:8]
            assert header[:4] == importlib.util.MAGIC_NUMBER, source
            assert header[4] == UNCHECKED_HASH, source
        else:
            # Templates of code that are no Python yet, such as a project generator's.
            with pytest.raises(SyntaxError):
                compile(source.read_bytes(), str(source), "exec", dont_inherit=True)


@ARCHITECTURES
@pytest.mark.parametrize(
    ("function", "folder"),
    [
        ("ChatKitFunction", "chatkit"),
        ("ApiFunction", "api"),
        ("McpFunction", "mcp"),
        ("MigrateFunction", "migrate"),
        ("MaintenanceFunction", "maintenance"),
    ],
)
def test_a_function_holds_its_own_package_only(
    architecture: str, function: str, folder: str
) -> None:
    task_root = built(architecture) / function
    top = {path.name for path in task_root.iterdir()}
    packages = {path.name for path in (task_root / "functions").iterdir()}

    assert top == {"functions"}
    assert packages == {"__init__.py", "__pycache__", "buffered.py", "observability.py", folder}


def test_the_wrapper_of_the_streaming_layer_can_be_executed() -> None:
    wrapper = built("arm64") / "StreamingLayer/lambda-streaming"

    assert wrapper.stat().st_mode & 0o111 == 0o111


def test_the_packages_are_those_of_the_lock() -> None:
    lock = (ROOT / "layers/dependencies/requirements.txt").read_text()
    packages = built("arm64") / "DependenciesLayer/python"
    installed = [path.name.removesuffix(".dist-info") for path in packages.glob("*.dist-info")]

    assert len(installed) > 40
    for name, _, version in (entry.partition("-") for entry in installed):
        assert f"{name.replace('_', '-').lower()}=={version}" in lock.replace("_", "-").lower()
