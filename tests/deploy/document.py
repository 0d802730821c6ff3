"""A document's commands, and a shell in which a new operator types them."""

import os
import re
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLACEHOLDER = re.compile(r"<[a-zA-Z][^<>]*>|…")


class Document:
    """Its blocks of shell commands, in order, each followed at most once."""

    def __init__(self, path: Path) -> None:
        self.left = _BLOCK.findall(path.read_text())
        """What was not followed yet."""

    def follow(self, start: str, given: Mapping[str, str]) -> str:
        """The first block left that begins so, with what is given in place of its placeholders."""
        block = next(block for block in self.left if block.startswith(start))
        self.left.remove(block)
        text: str = block
        for placeholder, value in given.items():
            assert placeholder in text, f"{placeholder} is not in\n{text}"
            text = text.replace(placeholder, value)
        assert not _PLACEHOLDER.search(text), text
        return text


class Shell:
    """A `bash` that keeps its variables from one block to the next."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["bash", "--norc", "--noprofile", "-o", "pipefail"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, block: str) -> str:
        """The output of the commands, each of which must succeed."""
        assert self._bash.stdin
        assert self._bash.stdout
        end = uuid.uuid4().hex
        # A failing command ends the block, not the shell. Its input is nobody's.
        self._bash.stdin.write(
            f"trap 'failed=$?' ERR; failed=0; {{\n{block}\n}} </dev/null; echo {end} $failed\n"
        )
        self._bash.stdin.flush()
        output = ""
        while not (line := self._bash.stdout.readline()).startswith(end):
            assert line, output
            output += line
        assert line.split()[1] == "0", output
        return output

    def set(self, name: str, value: str) -> None:
        """Export a variable."""
        self.run(f"export {name}='{value}'")

    def close(self) -> None:
        """Leave it."""
        self._bash.communicate("exit\n", timeout=10)


def bare_environment(home: Path, programs: Path, guard: Mapping[str, str]) -> dict[str, str]:
    """What a shell has in which nothing is set: a home, and where programs are."""
    return {**guard, "HOME": str(home), "PATH": f"{programs}:{os.defpath}", "LANG": "C.UTF-8"}
