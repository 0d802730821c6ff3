"""A person who deploys: from a clone of their own, by the commands of the Makefile."""

import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deploy.emulated import EmulatedAws
from tests.support.builds import HOST, ROOT

FIRST_USER = "alice@example.com"
MODEL_KEY = "a key for tests"
_COMMAND_SECONDS = 300.0


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    status: int
    output: str

    def expect(self, status: int = 0) -> "Done":
        """The same, if it ended so."""
        assert self.status == status, self.output
        return self


class Operator:
    """Works in a clone, whose tracked files the commands leave alone."""

    def __init__(self, aws: EmulatedAws, clone: Path) -> None:
        self.aws = aws
        self.clone = clone
        self.parameters = {
            "DatabasePort": str(aws.database_port),
            "DatabaseSslRootCert": str(aws.certificates),
            "GeminiBaseUrl": aws.model,
        }
        """What is given at each deployment: where things are here, and not on AWS."""
        self._cloned = _clone_into(clone)

    def deploy(self, *arguments: str, **environment: str) -> Done:
        """`make deploy`."""
        return self.end(self.start("deploy", *arguments, **environment))

    def destroy(self, *arguments: str, **environment: str) -> Done:
        """`make destroy`."""
        return self.end(self.start("destroy", *arguments, **environment))

    def start(self, target: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """A command that is on its way."""
        given = {"GEMINI_API_KEY": MODEL_KEY, "FIRST_USER": FIRST_USER, **environment}
        parameters = " ".join(f"{key}={value}" for key, value in self.parameters.items())
        return subprocess.Popen(
            [
                # A shell that starts the tests in the background would have Ctrl-C ignored.
                *("env", "--default-signal=INT"),
                *("make", "--no-print-directory", target, f"ARCH={HOST}"),
                *(f"PARAMETERS={parameters}", *arguments),
            ],
            cwd=self.clone,
            env=self.aws.environment | given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def interrupt(self, process: subprocess.Popen[str]) -> Done:
        """Ctrl-C, which reaches every process of the terminal."""
        os.killpg(process.pid, signal.SIGINT)
        return self.end(process)

    def outputs(self, stack: str = "taskchat-dev") -> dict[str, str]:
        """What a stack tells of itself."""
        cloudformation = self.aws.client("cloudformation")
        found: Any = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        return {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])}

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file of the clone."""
        file = self.clone / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))

    def add_migration(self, phase: str, statement: str) -> Path:
        """The newest migration of the clone."""
        folder = self.clone / "layers/shared/src/taskchat/database/migrations"
        newest = max(int(path.name.partition("_")[0]) for path in folder.glob("*.sql"))
        path = folder / f"{newest + 1:04}_{phase}_added.sql"
        path.write_text(f"-- Added by a test.\n{statement};\n")
        return path

    @property
    def tracked_files(self) -> list[str]:
        """What of the clone is tracked."""
        return list(self._cloned)

    def differing_files(self) -> list[str]:
        """Tracked files that are not as they were cloned."""
        return [
            path for path, body in self._cloned.items() if (self.clone / path).read_bytes() != body
        ]

    @staticmethod
    def end(process: subprocess.Popen[str]) -> Done:
        """What became of a command, once it has ended."""
        try:
            output, _ = process.communicate(timeout=_COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            output += "\nIt did not end in time."
        output = re.sub(r"\033\[[\d;]*m", "", output)
        print(output)
        return Done(process.returncode, output)


def _clone_into(folder: Path) -> dict[str, bytes]:
    """Copy the tracked files, beside which what the set-up made lies as it does here.

    Returns the copies' content.
    """
    tracked = _tracked_files()
    for path in tracked:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    for name in (".cache", ".venv", ".venv-aws"):
        if (ROOT / name).exists():
            (folder / name).symlink_to(ROOT / name)
    (folder / "frontend" / "node_modules").symlink_to(ROOT / "frontend" / "node_modules")
    shutil.copytree(ROOT / "frontend" / "dist", folder / "frontend" / "dist")
    _clone_build(ROOT / ".aws-sam", folder / ".aws-sam")
    return {path: (folder / path).read_bytes() for path in tracked}


def _clone_build(source: Path, target: Path) -> None:
    """The build and its cache, so that what was not changed is not built again.

    Folders share their files with the original, which a build replaces and never changes.
    """
    for part in (f"{HOST}/build", f"{HOST}/cache"):
        (target / part).mkdir(parents=True)
        for path in (source / part).iterdir():
            if path.is_dir():
                shutil.copytree(path, target / part / path.name, copy_function=os.link)
            else:
                shutil.copy2(path, target / part / path.name)
    for name in (".recipe", ".inputs"):
        shutil.copy2(source / name, target / name)
    # The cache's index names folders by their full paths.
    index = (source / HOST / "build.toml").read_text()
    (target / HOST / "build.toml").write_text(index.replace(str(ROOT), str(target.parent)))


def _tracked_files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file()]
