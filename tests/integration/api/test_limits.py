"""How much a person may write by REST."""

from dataclasses import replace

import httpx2
import pytest

from functions.api.app import ApiSettings
from taskchat.settings import LimitSettings
from tests.support.minutes import early_in_a_minute
from tests.support.problems import assert_problem

MOST_CHANGES = 12
MOST_TASKS = 3


@pytest.fixture
def settings(settings: ApiSettings) -> ApiSettings:
    limits = LimitSettings(changes_per_minute=MOST_CHANGES, tasks_per_person=MOST_TASKS)
    return replace(settings, limits=limits)


async def test_writes_are_limited_per_minute_and_reads_are_not(
    alice: httpx2.AsyncClient, bob: httpx2.AsyncClient
) -> None:
    await early_in_a_minute()
    made = await alice.post("/api/tasks", json={"title": "One"})
    task = f"/api/tasks/{made.json()['id']}"
    undo = f"/api/changes/{made.headers['x-change-id']}/undo"
    for count in range(MOST_CHANGES - 1):
        changed = await alice.patch(task, json={"title": f"{count}"})
        assert changed.status_code == 200
    for refused in (
        await alice.post("/api/tasks", json={"title": "Two"}),
        await alice.patch(task, json={"completed": True}),
        await alice.delete(task),
        await alice.post(undo),
    ):
        assert "resets_at" in assert_problem(refused, 429, "too-many-changes")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert (await alice.get(task)).json()["completed_at"] is None
    assert (await bob.post("/api/tasks", json={"title": "Of Bob"})).status_code == 201


async def test_a_person_can_have_so_many_tasks_and_undo_is_no_way_around(
    alice: httpx2.AsyncClient,
) -> None:
    made = [await alice.post("/api/tasks", json={"title": t}) for t in ("One", "Two", "Three")]
    assert {response.status_code for response in made} == {201}
    assert_problem(await alice.post("/api/tasks", json={"title": "x"}), 409, "too-many-tasks")
    deleted = await alice.delete(f"/api/tasks/{made[-1].json()['id']}")
    assert (await alice.post("/api/tasks", json={"title": "in its place"})).status_code == 201
    undone = await alice.post(f"/api/changes/{deleted.headers['x-change-id']}/undo")
    assert_problem(undone, 409, "too-many-tasks")
    tasks = (await alice.get("/api/tasks")).json()["tasks"]
    assert {task["title"] for task in tasks} == {"One", "Two", "in its place"}
