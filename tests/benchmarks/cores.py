"""One core for what is measured, the other for what asks it."""

import os
from pathlib import Path


def split_cores() -> int:
    """Keep this process, and what it starts, off one core; returns that core's number."""
    *others, core = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, others or [core])
    return core


def processor_seconds(pid: int) -> float:
    """How long the threads of a process have run, by the scheduler's count of nanoseconds."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9
