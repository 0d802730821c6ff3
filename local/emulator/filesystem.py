"""Creates a function's Lambda directories below a temporary root."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from local.emulator.specification import FunctionSpec

RUNTIME = Path(__file__).parent / "runtime"
# The packages of the managed runtime that its own client needs.
SHIPPED = ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py")

PYTHON = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
"""The interpreter without the development environment's packages."""


@contextmanager
def lay_out(function: FunctionSpec) -> Iterator[Path]:
    """Create a root with `opt`, `var/task` and `var/runtime`, and delete it at the end.

    Lambda unpacks all layers into one `/opt`; here it holds links to the layers' files.
    """
    with tempfile.TemporaryDirectory(prefix="emulator-", ignore_cleanup_errors=True) as directory:
        root = Path(directory).resolve()
        for layer in function.layers:
            _unpack(layer.resolve(), root / "opt")
        (root / "var").mkdir()
        (root / "var/task").symlink_to(function.task_root.resolve())
        shutil.copytree(RUNTIME, root / "var/runtime", ignore=shutil.ignore_patterns("__pycache__"))
        for module in SHIPPED:
            location = _find_module(module)
            (root / "var/runtime" / location.name).symlink_to(location)
        yield root


def _unpack(layer: Path, opt: Path) -> None:
    (opt / "python").mkdir(parents=True, exist_ok=True)
    for entry in [*layer.iterdir(), *layer.glob("python/*")]:
        link = opt / entry.relative_to(layer)
        if link != opt / "python":
            link.unlink(missing_ok=True)
            link.symlink_to(entry)


def _find_module(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{name} is missing: the emulator needs awslambdaric")
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin
