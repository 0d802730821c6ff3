"""``trim.py PACKAGES``: leaves in the layer what the functions run, and that as byte code alone.

Lambda copies and opens the layer at each cold start, and reads every byte of a module that is
imported. So there are no modules that nothing imports, and no source: a traceback still names file,
line and function of a package, whose version the lock has. Docstrings, which nothing reads at run
time, are not in the byte code; assertions are.
"""

import ast
import importlib.util
import json
import marshal
import shutil
import struct
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

INSTALLED_AS = Path("/opt/python")

# `functions` next to `layers`: what the chat function puts stand-ins in the place of.
LEAN_IMPORTS = Path(__file__).parents[2] / "functions/chatkit/lean_imports.py"

UNUSED = (
    "agents/extensions",
    "agents/realtime",
    "agents/voice",
    "anyio/_backends/_trio.py",
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/auth_alpha",
    "aws_lambda_powertools/utilities/batch",
    "aws_lambda_powertools/utilities/circuit_breaker",
    "aws_lambda_powertools/utilities/data_masking",
    "aws_lambda_powertools/utilities/feature_flags",
    "aws_lambda_powertools/utilities/idempotency",
    "aws_lambda_powertools/utilities/kafka",
    "aws_lambda_powertools/utilities/parser",
    "aws_lambda_powertools/utilities/streaming",
    "aws_lambda_powertools/utilities/validation",
    "botocore/cacert.pem",  # which certifi's goes before
    "cffi",  # its library, `_cffi_backend`, lies beside it
    "charset_normalizer",
    "click",  # for programs, as uvicorn is
    "dateutil/zoneinfo/*.gz",
    "httpx/_main.py",
    "mcp/cli",
    "openai/cli",
    "openai/lib/browser.py",
    "openai/lib/responses_tool_runner.py",
    "openai/resources/[!_c]*",
    "openai/resources/c[!h]*",
    "pydantic/mypy.py",
    "pycparser",
    "pydantic/v1",
    "requests",
    "tzdata/zoneinfo/tzdata.zi",
    "uvicorn",
    "websockets",
    "**/*.pyi",
    "**/py.typed",
)
"""Folders and files that no function imports, as patterns."""


def main(packages: Path) -> None:
    """Trim the folder that holds the packages."""
    for pattern in UNUSED:
        for path in list(packages.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in list(_left_out(packages)):
        path.unlink()
    for path in packages.glob("*.dist-info/**/*"):
        if path.is_file() and path.name == "METADATA":
            _keep_head(path)
        elif path.is_file() and path.name != "entry_points.txt":
            path.unlink()
    for path in packages.glob("botocore/data/*.json"):
        document = json.loads(path.read_bytes())
        path.write_text(json.dumps(document, separators=(",", ":")), "utf-8")
    for path in packages.rglob("*.so*"):
        _strip(path)
    with ProcessPoolExecutor() as pool:
        sources = [path for path in packages.rglob("*.py") if path.is_file()]
        list(pool.map(_compile, sources, [packages] * len(sources), chunksize=64))


def _left_out(packages: Path) -> Iterator[Path]:
    """The modules that the chat function replaces by stand-ins, and no other function imports."""
    spec = importlib.util.spec_from_file_location("lean_imports", LEAN_IMPORTS)
    assert spec is not None
    assert spec.loader is not None
    lean_imports = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lean_imports)
    for top in ("agents", "griffe", "openai"):
        for path in (packages / top).rglob("*.py"):
            parts = path.relative_to(packages).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if lean_imports.is_left_out(name):
                yield path


def _keep_head(metadata: Path) -> None:
    """Name, version and requirements are read by `importlib.metadata`; the description is not."""
    metadata.write_text(metadata.read_text("utf-8").partition("\n\n")[0] + "\n", "utf-8")


def _strip(library: Path) -> None:
    """Cut off what follows the last segment: sections, such as symbols, that no loader reads.

    As `strip` does it, but for libraries of any processor. The layout is that of ELF's 64 bits.
    """
    content = bytearray(library.read_bytes())
    if content[:6] != b"\x7fELF\x02\x01":
        raise ValueError(f"{library} is no library of a 64-bit processor")
    offset, size, count = (
        *struct.unpack_from("<Q", content, 32),
        *struct.unpack_from("<HH", content, 54),
    )
    ends = [
        sum(struct.unpack_from("<Q16xQ", content, offset + number * size + 8))
        for number in range(count)
    ]
    struct.pack_into("<Q", content, 40, 0)  # no section headers,
    struct.pack_into("<HH", content, 60, 0, 0)  # of which there are none
    library.write_bytes(content[: max(ends)])


def _compile(source: Path, packages: Path) -> None:
    """Put byte code, valid without a look at the source, in the place of a module."""
    text = source.read_bytes()
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            _remove_docstring(node)
    installed = INSTALLED_AS / source.relative_to(packages)
    code = compile(tree, str(installed), "exec", dont_inherit=True)
    unchecked = 0b01
    head = importlib.util.MAGIC_NUMBER + unchecked.to_bytes(4, "little")
    digest = importlib.util.source_hash(text)
    source.with_suffix(".pyc").write_bytes(head + digest + marshal.dumps(code))
    source.unlink()


def _remove_docstring(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
) -> None:
    if ast.get_docstring(node, clean=False) is None:
        return
    first = node.body.pop(0)
    if not node.body and not isinstance(node, ast.Module):
        node.body.append(ast.copy_location(ast.Pass(), first))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
