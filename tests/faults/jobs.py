"""What the assistant is asked for while it is troubled, and the model that does it."""

import asyncio
import random
import re
from collections.abc import Coroutine
from typing import Any

from tests.support.chat import ChatClient
from tests.support.model_server import Call, Part, RecordedRequest, Reply, raw, text, tool_calls

TASKS = ("a", "b", "c")
WORDS = 25
MANY_WORDS = 80
PAUSE = 0.02


def task_titles(job: str) -> list[str]:
    """The tasks that a job makes."""
    return [f"{job} {name}" for name in TASKS]


def words_of(job: str, count: int = WORDS) -> list[str]:
    """The pieces of a job's answer."""
    return [f"{job} has said {n}. " for n in range(count)]


class JobModel:
    """Makes three tasks in two steps, then says a few words, slowly; the same for the same job.

    It forgets what it has done when told to, as a model does that is asked anew.
    """

    def __init__(self) -> None:
        self._steps: dict[str, int] = {}

    def forget(self, job: str) -> None:
        """Begin the job again at the next request."""
        self._steps.pop(job, None)

    def __call__(self, request: RecordedRequest) -> Reply:
        """The next reply."""
        job = job_in(request)
        step = self._steps.get(job, 0)
        self._steps[job] = step + 1
        first, second, third = (Call("create_task", {"title": t}) for t in task_titles(job))
        if step == 0:
            return tool_calls(first, second, delay=PAUSE)
        if step == 1:
            return tool_calls(third, delay=PAUSE)
        return text(*words_of(job), delay=PAUSE)


def busy(request: RecordedRequest) -> Reply:
    """A model that makes one task after the other, for a while."""
    job = job_in(request)
    made = sum(1 for message in request.json["messages"] if message["role"] == "tool")
    if made >= 8:
        return text(*words_of(job), delay=PAUSE)
    return tool_calls(Call("create_task", {"title": f"{job} {made}"}), delay=0.05)


def talkative(request: RecordedRequest) -> Reply:
    """A model that only talks, at the pace of a real one."""
    return text(*words_of(job_in(request), MANY_WORDS), delay=PAUSE)


def brief(request: RecordedRequest) -> Reply:
    """A model that says one thing."""
    parts: list[Part] = [*text(f"{job_in(request)} is done.").parts]
    return raw(*parts)


def job_in(request: RecordedRequest) -> str:
    """The job in the newest message that has one."""
    for message in reversed(request.json["messages"]):
        if message["role"] == "user" and (found := re.search(r"job-\S+", str(message["content"]))):
            return found.group().rstrip("\"'.,}]")
    raise AssertionError("no job in the request")


class Lanes:
    """Runs many troubles, a few at a time, each with a random number generator of its own."""

    def __init__(self, seed: int, at_once: int) -> None:
        self._seed = seed
        self._places = asyncio.Semaphore(at_once)

    async def run(self, count: int, trouble: Any) -> list[Any]:
        """What `trouble(number, random)` gives, `count` times."""

        async def one(number: int) -> Any:
            async with self._places:
                dice = random.Random(f"{self._seed}-{number}")  # noqa: S311 - repeatable, no secret
                return await trouble(number, dice)

        return await together(*(one(number) for number in range(count)))


async def together(*coroutines: Coroutine[Any, Any, Any]) -> list[Any]:
    """What they give, side by side; if one fails, the others are cancelled."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(coroutine) for coroutine in coroutines]
    return [task.result() for task in tasks]


def client_for(url: str, user: str) -> ChatClient:
    """A person of their own, who is patient."""
    client = ChatClient(url, user)
    client.http.timeout = 60
    return client
