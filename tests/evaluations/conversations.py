"""Holds the conversations over HTTP, each as a different person."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from local.tokens import sign_token
from taskchat.settings import AuthSettings
from tests.evaluations.cases import Case, Click, TaskState, due_time
from tests.support.answers import rows
from tests.support.chat import ChatClient, actions_in, thread_of

AT_ONCE = 4


@dataclass(frozen=True)
class Result:
    """The result of a case. It passed if there are no problems."""

    case: Case
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """The system with which the conversations are held."""

    url: str
    database_url: str
    auth: AuthSettings


async def evaluate(cases: Sequence[Case], place: Place) -> list[Result]:
    """Hold the conversations, `AT_ONCE` at a time."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> Result:
        async with free:
            return await _evaluate(case, place)

    return await asyncio.gather(*map(one, cases))


async def _evaluate(case: Case, place: Place) -> Result:
    person = ChatClient(place.url, f"eval-{uuid4().hex}", timezone=case.timezone)
    person.http.headers["Authorization"] = f"Bearer {sign_token(place.auth, person.user)}"
    async with person.http:
        try:
            for state in case.before:
                await _make(person, state)
            problems = await _talk(person, case)
            called = await rows(
                place.database_url,
                "select distinct name from tool_calls join runs on runs.id = run_id"
                " where runs.user_id = %(user)s",
                user=person.user,
            )
            names = frozenset(row["name"] for row in called)
            return Result(case, tuple(problems or case.problems(await person.tasks(), names)))
        finally:
            await person.http.request("DELETE", "/api/account", json={"confirm": "delete"})


async def _make(person: ChatClient, state: TaskState) -> None:
    task = state.model_dump(exclude={"due", "completed"}, exclude_none=True, mode="json")
    if state.due:
        due_at = due_time(state.due, ZoneInfo(person.timezone))
        task["due_at"] = due_at.isoformat() if due_at else None
    made = await person.http.post("/api/tasks", json=task)
    assert made.status_code == 201, made.text
    if state.completed:
        await person.http.patch(f"/api/tasks/{made.json()['id']}", json={"completed": True})


async def _talk(person: ChatClient, case: Case) -> list[str]:
    thread_id = None
    for said in case.says:
        if isinstance(said, Click):
            if not await _click(person, str(thread_id), said.click):
                return [f"there is no button {said.click!r}"]
            continue
        events = await (person.say(thread_id, said) if thread_id else person.create(said))
        thread_id = thread_id or thread_of(events)
        if errors := [event for event in events if event["type"] == "error"]:
            return [f"the answer failed: {errors[0].get('message')}"]
    return []


async def _click(person: ChatClient, thread_id: str, label: str) -> bool:
    for item in reversed(await person.items(thread_id)):
        action: dict[str, Any] | None = actions_in(item.get("widget")).get(label)
        if action:
            await person.act(thread_id, item["id"], action["type"], action["payload"])
            return True
    return False
