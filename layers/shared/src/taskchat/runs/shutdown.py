"""The end of a process that is making answers."""

import asyncio

from taskchat.runs.execution import RunExecution
from taskchat.runs.time_budget import END_SECONDS, FINISH_SECONDS

RunsInProgress = dict[str, RunExecution]
"""The runs that this process makes now, by id."""


async def finish_all(runs: RunsInProgress) -> None:
    """End the process's runs: let them finish for a while, then interrupt them.

    Returns within the time budget. What is not recorded by then is found lost by others.
    """
    if not runs:
        return
    tasks = [run.task for run in runs.values()]
    _, late = await asyncio.wait(tasks, timeout=FINISH_SECONDS)
    for run in list(runs.values()):
        run.interrupt()
    if late:
        await asyncio.wait(late, timeout=END_SECONDS)
