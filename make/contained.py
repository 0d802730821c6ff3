"""Runs one command, and kills the processes that it leaves behind.

    contained.py SECONDS GRACE COMMAND [ARGUMENT ...]

The exit code is the command's. It is 1 if the command takes longer than SECONDS, or if one of its
descendants outlives it by GRACE seconds; each of these is printed and killed.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from types import FrameType

import psutil

_PR_SET_CHILD_SUBREAPER = 36


class _CutShortError(Exception):
    """The command has to end early. The message gives the reason."""


def run(seconds: int, grace_seconds: float, command: list[str]) -> int:
    """Run the command; returns its exit code, or 1."""
    _adopt_orphans()
    # Set before the command starts: a shell's background process ignores Ctrl-C, and its children
    # would inherit that.
    for number in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    process = subprocess.Popen(  # noqa: S603 (the caller's own command)
        command, stdin=subprocess.DEVNULL, start_new_session=True
    )
    signal.alarm(seconds)
    try:
        status = _wait_for(process.pid)
    except _CutShortError as reason:
        print(f"\n{reason}", flush=True)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        status = 1
    finally:
        signal.alarm(0)
    left = _wait_for_all(grace_seconds)
    if left:
        print("\nProcesses were left behind:", *map(_described, left), sep="\n  ", flush=True)
        for child in left:
            child.kill()
    return status or int(bool(left))


def _adopt_orphans() -> None:
    """Become the parent of orphaned descendants. Only on Linux; elsewhere init adopts them."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait_for(pid: int) -> int:
    """Wait for a child and return its exit code. Reaps orphans that end before it."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            return abs(os.waitstatus_to_exitcode(status))


def _wait_for_all(seconds: float) -> list[psutil.Process]:
    """Wait for all descendants; returns those that are still alive after `seconds`."""
    give_up_at = time.monotonic() + seconds
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return []
        if time.monotonic() >= give_up_at:
            return psutil.Process().children(recursive=True)
        time.sleep(0.05)


def _described(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:200]}"
    except psutil.Error:
        return str(process.pid)


def _end(number: int, _frame: FrameType | None) -> None:
    raise _CutShortError("It took too long." if number == signal.SIGALRM else "Interrupted.")


if __name__ == "__main__":
    sys.exit(run(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
