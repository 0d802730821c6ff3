"""Ends the runs of a process that shuts down."""

import asyncio

from taskchat.runs.execution import RunExecution
from taskchat.runs.time_budget import END_SECONDS, FINISH_SECONDS

RunsInProgress = dict[str, RunExecution]
"""The runs that this process is making, by id."""


async def finish_all(runs: RunsInProgress) -> None:
    """End the process's runs: let them finish for a while, then interrupt them.

    Returns within the time budget. Runs whose end is not recorded by then are marked as lost later.
    """
    if not runs:
        return
    tasks = [run.task for run in runs.values()]
    _, late = await asyncio.wait(tasks, timeout=FINISH_SECONDS)
    for run in list(runs.values()):
        run.interrupt()
    if late:
        await asyncio.wait(late, timeout=END_SECONDS)
