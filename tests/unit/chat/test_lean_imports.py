"""What the chat function leaves out of its packages: that it was there, and is missed."""

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from functions.chatkit.lean_imports import KEPT, KEPT_TREES, LEFT_OUT, is_left_out

ROOT = Path(__file__).parents[3]
INSTALL = "import sys\nfrom functions.chatkit.lean_imports import *\ninstall()\n"


def run(code: str, before: str = INSTALL) -> str:
    """What a new process prints that leaves out from its beginning."""
    done = subprocess.run(
        [sys.executable, "-c", before + code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", sorted({*LEFT_OUT, *KEPT, *(t.rstrip(".") for t in KEPT_TREES)}))
def test_each_module_of_the_lists_is_in_the_locked_packages(name: str) -> None:
    top, *rest = name.split(".")
    spec = find_spec(top)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    path = Path(spec.submodule_search_locations[0], *rest)

    assert path.is_dir() or path.with_suffix(".py").is_file()


def test_no_list_has_what_another_one_says_already() -> None:
    below = [name for name in KEPT if not name.startswith(tuple(f"{n}." for n in LEFT_OUT))]

    assert sorted(set(below) - set(LEFT_OUT)) == []
    assert not [name for name in KEPT if name.startswith(KEPT_TREES)]


def test_threads_and_refusals_load_neither_the_agent_nor_the_model() -> None:
    loaded = run(
        "import functions.chatkit.application\n"
        "print([m for m in ('agents', 'openai', 'mcp') if m in sys.modules])"
    )

    assert loaded == "[]"


def test_a_bucket_for_files_is_known_before_boto3_is_imported() -> None:
    loaded = run(
        "import functions.chatkit.application\n"
        "from taskchat.attachments.storage import open_storage\n"
        "from taskchat.settings import AttachmentSettings\n"
        "storage = open_storage(AttachmentSettings(bucket='files'))\n"
        "print(type(storage).__name__, [m for m in ('boto3', 'botocore') if m in sys.modules])"
    )

    assert loaded == "S3Storage []"


def test_an_answer_loads_stand_ins_for_what_is_left_out() -> None:
    out = run(
        "import functions.chatkit.answer.assistant\n"
        "left_out = {n: m for n, m in sys.modules.items() if is_left_out(n)}\n"
        "print(len(left_out), {type(module).__name__ for module in left_out.values()},"
        " len(sys.modules))"
    )
    stand_ins, kind, modules = out.split()

    assert int(stand_ins) > 80
    assert kind == "{'_StandInModule'}"
    # Without stand-ins it is 1,700, and twice the time.
    assert int(modules) < 1_200


@pytest.mark.parametrize("package", ["openai.types", "openai.types.responses"])
def test_a_package_whose_init_is_not_run_exports_what_it_would(package: str) -> None:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    imports = [
        (node.module, name.name)
        for node in ast.parse(Path(spec.origin).read_text()).body
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for name in node.names
    ]
    real = [(m, n) for m, n in imports if not is_left_out(f"{package}.{m}")]
    code = (
        "from importlib import import_module\n"
        f"package = import_module({package!r})\n"
        f"for module, name in {real}:\n"
        f"    own = getattr(import_module({package!r} + '.' + module), name)\n"
        "    if getattr(package, name) is not own: print(name)\n"
    )

    assert len(real) > 20
    assert run(code) == ""


@pytest.mark.parametrize(
    "use",
    [
        "agents.sandbox.Manifest()",
        "agents.sandbox.Manifest.model_validate({})",
        "agents.mcp.MCPServerStdio({})",
        "__import__('openai').types.Video(id='1')",
        "__import__('mcp').ClientSession",
    ],
)
def test_what_is_left_out_says_so_when_it_is_used(use: str) -> None:
    said = run(f"import agents\ntry: {use}()\nexcept LeftOutError as error: print(error)")

    assert "is left out of the chat function" in said


def test_it_is_too_late_once_a_package_is_imported() -> None:
    said = run("sys.modules['mcp'] = sys\ntry: install()\nexcept RuntimeError as e: print(e)")

    assert said == "imported before it could be left out: ['mcp']"


def test_validators_are_made_when_they_are_first_used() -> None:
    out = run(
        "import chatkit.types as types\n"
        "before = types.Thread.__pydantic_complete__\n"
        "types.Thread(id='1', created_at='2030-01-01T00:00:00Z', items=types.Page())\n"
        "print(before, types.Thread.__pydantic_complete__)"
    )

    assert out == "False True"


def test_what_is_not_listed_is_real() -> None:
    assert not is_left_out("agents.run")
    assert not is_left_out("mcpx")
    assert not is_left_out("openai.types.chat.chat_completion_chunk")
    assert is_left_out("openai.types.video")
    assert is_left_out("mcp.types")


@pytest.mark.parametrize(("kind", "built"), [("on-demand", "False"), ("snap-start", "True")])
def test_an_environment_that_is_prepared_has_its_validators(kind: str, built: str) -> None:
    settings = {
        "AWS_LAMBDA_INITIALIZATION_TYPE": kind,
        "DATABASE_URL": "postgresql://nobody@localhost/none",
        "GEMINI_API_KEY": "none",
        "JWT_SECRET": "a secret of at least 32 characters",
    }
    out = run(
        f"import os\nos.environ.update({settings})\n"
        "from functions.chatkit.app import handler\n"
        "handler()\n"
        "import chatkit.types, functions.chatkit.answer.assistant\n"
        "from openai.types.chat import ChatCompletionChunk\n"
        "print(chatkit.types.Thread.__pydantic_complete__,"
        " ChatCompletionChunk.__pydantic_complete__)",
        before="",
    )

    assert out.splitlines()[-1] == f"{built} {built}"
