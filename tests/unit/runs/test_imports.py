"""What the buffered functions load: nothing of what only an answer needs."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("function", ["api", "maintenance", "migrate"])
def test_a_buffered_function_does_not_load_the_chat(function: str) -> None:
    code = (
        f"import sys, functions.{function}.app\n"
        "print([m for m in ('chatkit', 'agents', 'openai', 'mcp') if m in sys.modules])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
