"""The build holds what Lambda needs, for the right processor, and little else."""

import importlib.util
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulator.filesystem import PYTHON
from tests.support.builds import HOST, ROOT, TOOLS, built

ELF_MACHINES = {"x86_64": 62, "arm64": 183}
ARCHITECTURES = pytest.mark.parametrize("architecture", ELF_MACHINES)
UNCHECKED_HASH = 0b01
FUNCTIONS = [
    ("ChatKitFunction", "chatkit"),
    ("ApiFunction", "api"),
    ("MigrateFunction", "migrate"),
    ("MaintenanceFunction", "maintenance"),
    ("McpFunction", "mcp"),
]


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
    assert sum(sizes) < 60_000_000
    print(done.stdout)


@ARCHITECTURES
def test_the_byte_code_is_valid_without_a_look_at_the_source(architecture: str) -> None:
    build = built(architecture)
    ours = ["SharedLayer", "StreamingLayer", *(path.name for path in build.glob("*Function"))]
    sources = [path for folder in ours for path in (build / folder).rglob("*.py")]
    packages = [*(build / "DependenciesLayer").rglob("*.pyc")]

    assert len(sources) > 100
    assert len(packages) > 1000
    compiled = [Path(importlib.util.cache_from_source(str(source))) for source in sources]
    for path in [*compiled, *packages]:
        header = path.read_bytes()[:8]
        assert header[:4] == importlib.util.MAGIC_NUMBER, path
        assert header[4] == UNCHECKED_HASH, path


@ARCHITECTURES
def test_the_packages_are_there_as_byte_code_alone(architecture: str) -> None:
    packages = built(architecture) / "DependenciesLayer/python"

    assert not [*packages.rglob("*.py"), *packages.rglob("__pycache__")]


@pytest.mark.parametrize(("function", "package"), FUNCTIONS)
def test_a_built_function_finds_all_that_it_imports_sooner_or_later(
    function: str, package: str
) -> None:
    build = built(HOST)
    layers = [build / f"{layer}Layer/python" for layer in ("Dependencies", "Shared", "Streaming")]
    late = [
        line.strip()
        for path in [*files(build / function), *files(build / "SharedLayer")]
        if path.suffix == ".py"
        for line in path.read_text().splitlines()
        if line.startswith(("    from aws_lambda_powertools", "    from botocore"))
    ]
    code = [
        f"import functions.{package}.app",
        *late,
        "import boto3",
        "[boto3.client(name, region_name='eu-west-1') for name in ('rds', 'secretsmanager')]",
    ]
    done = subprocess.run(
        [PYTHON, "-c", "\n".join(code)],
        env={"PYTHONPATH": ":".join(str(path) for path in (build / function, *layers))},
        cwd="/",
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert len(late) >= 2
    assert done.returncode == 0, done.stderr


@ARCHITECTURES
@pytest.mark.parametrize(("function", "folder"), FUNCTIONS)
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
