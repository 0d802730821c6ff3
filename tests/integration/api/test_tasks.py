"""/api/tasks and Undo, as the page uses them."""

import json
from typing import Any

import httpx2
import pytest

from tests.support.problems import assert_problem


async def make(client: httpx2.AsyncClient, **values: Any) -> dict[str, Any]:
    response = await client.post("/api/tasks", json={"title": "Call mom", **values})
    assert response.status_code == 201, response.text
    task: dict[str, Any] = response.json()
    return task


async def titles(client: httpx2.AsyncClient, query: str = "") -> list[str]:
    response = await client.get(f"/api/tasks{query}")
    assert response.status_code == 200, response.text
    return [task["title"] for task in response.json()["tasks"]]


async def test_a_task_is_made_and_found(alice: httpx2.AsyncClient) -> None:
    response = await alice.post(
        "/api/tasks",
        json={
            "title": "  Call mom ",
            "description": "About Sunday",
            "priority": "high",
            "tags": ["Family", "phone"],
            "due_at": "2030-05-31T17:00",
        },
        headers={"X-Timezone": "Europe/Berlin"},
    )
    assert response.status_code == 201
    task = response.json()
    assert response.headers["location"] == f"/api/tasks/{task['id']}"
    assert set(task) == {
        "id",
        "title",
        "description",
        "priority",
        "tags",
        "due_at",
        "completed_at",
        "created_at",
        "updated_at",
    }
    assert task["title"] == "Call mom"
    assert task["due_at"] == "2030-05-31T15:00:00Z"
    assert task["completed_at"] is None
    assert (await alice.get(response.headers["location"])).json() == task
    assert (await alice.get("/api/tasks")).json() == {"tasks": [task], "next_cursor": None}


async def test_defaults_are_those_of_a_task(alice: httpx2.AsyncClient) -> None:
    task = await make(alice)
    assert (task["priority"], task["tags"]) == ("medium", [])
    assert task["description"] is task["due_at"] is None


async def test_a_task_is_changed(alice: httpx2.AsyncClient) -> None:
    task = await make(alice, due_at="2030-01-01T00:00:00Z")
    response = await alice.patch(
        f"/api/tasks/{task['id']}",
        json={"title": "Call dad", "due_at": None, "completed": True},
    )
    assert response.status_code == 200
    assert response.json()["title"] == "Call dad"
    assert response.json()["due_at"] is None
    assert response.json()["completed_at"]
    reopened = await alice.patch(f"/api/tasks/{task['id']}", json={"completed": False})
    assert reopened.json()["completed_at"] is None


async def test_a_change_of_nothing_has_nothing_to_undo(alice: httpx2.AsyncClient) -> None:
    task = await make(alice)
    response = await alice.patch(f"/api/tasks/{task['id']}", json={"title": "Call mom"})
    assert response.status_code == 200
    assert "x-change-id" not in response.headers


async def test_a_task_is_deleted(alice: httpx2.AsyncClient) -> None:
    path = f"/api/tasks/{(await make(alice))['id']}"
    response = await alice.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    for gone in (await alice.get(path), await alice.delete(path), await alice.patch(path, json={})):
        assert_problem(gone, 404, "not-found")


async def test_each_change_can_be_undone(alice: httpx2.AsyncClient) -> None:
    created = await alice.post("/api/tasks", json={"title": "Call mom"})
    task = created.json()
    path = f"/api/tasks/{task['id']}"

    updated = await alice.patch(path, json={"title": "Call dad"})
    undone = await alice.post(f"/api/changes/{updated.headers['x-change-id']}/undo")
    assert (undone.status_code, undone.json()) == (200, {"tasks": [task]})

    deleted = await alice.delete(path)
    undone = await alice.post(f"/api/changes/{deleted.headers['x-change-id']}/undo")
    assert undone.json() == {"tasks": [task]}
    assert (await alice.get(path)).json() == task

    undone = await alice.post(f"/api/changes/{created.headers['x-change-id']}/undo")
    assert undone.json() == {"tasks": []}
    assert (await alice.get(path)).status_code == 404


async def test_what_was_changed_since_is_not_undone(alice: httpx2.AsyncClient) -> None:
    task = await make(alice)
    path = f"/api/tasks/{task['id']}"
    first = await alice.patch(path, json={"title": "Call dad"})
    await alice.patch(path, json={"title": "Call both"})
    response = await alice.post(f"/api/changes/{first.headers['x-change-id']}/undo")
    assert_problem(response, 409, "conflict")
    assert (await alice.get(path)).json()["title"] == "Call both"


async def test_nothing_is_undone_twice(alice: httpx2.AsyncClient) -> None:
    task = await make(alice)
    deleted = await alice.delete(f"/api/tasks/{task['id']}")
    undo = f"/api/changes/{deleted.headers['x-change-id']}/undo"
    assert (await alice.post(undo)).status_code == 200
    assert_problem(await alice.post(undo), 409, "already-undone")


async def test_the_list_is_filtered(alice: httpx2.AsyncClient) -> None:
    await make(alice, title="milk", tags=["shop"], priority="low", due_at="2030-01-01T10:00Z")
    await make(alice, title="bread", tags=["shop"], due_at="2030-01-03T10:00Z")
    rent = await make(alice, title="rent", description="by bank", priority="high")
    await alice.patch(f"/api/tasks/{rent['id']}", json={"completed": True})

    assert await titles(alice) == ["milk", "bread", "rent"]
    assert await titles(alice, "?completed=false") == ["milk", "bread"]
    assert await titles(alice, "?completed=true") == ["rent"]
    assert await titles(alice, "?priority=low") == ["milk"]
    assert await titles(alice, "?tag=SHOP") == ["milk", "bread"]
    assert await titles(alice, "?due_before=2030-01-02") == ["milk"]
    assert await titles(alice, "?due_after=2030-01-02T00:00:00%2B01:00") == ["bread"]
    assert await titles(alice, "?q=BANK") == ["rent"]
    assert await titles(alice, "?q=&tag=&completed=&cursor=") == ["milk", "bread", "rent"]
    assert await titles(alice, "?tag=shop&priority=medium") == ["bread"]


async def test_times_of_filters_are_in_the_persons_zone(alice: httpx2.AsyncClient) -> None:
    await make(alice, title="early", due_at="2030-01-01T22:30:00Z")
    query = "/api/tasks?due_before=2030-01-02"
    there = await alice.get(query, headers={"X-Timezone": "Europe/Berlin"})
    assert [task["title"] for task in there.json()["tasks"]] == ["early"]
    there = await alice.get(query, headers={"X-Timezone": "Pacific/Auckland"})
    assert there.json()["tasks"] == []


async def test_the_list_comes_in_pages(alice: httpx2.AsyncClient) -> None:
    for number in range(5):
        await make(alice, title=f"task {number}", due_at=f"2030-01-0{number + 1}T00:00Z")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        response = await alice.get("/api/tasks", params={"limit": 2, "cursor": cursor})
        page = response.json()
        assert len(page["tasks"]) <= 2
        seen += [task["title"] for task in page["tasks"]]
        cursor = page["next_cursor"]
    assert seen == [f"task {number}" for number in range(5)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"title": 7}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"title": "t", "description": "x" * 2001}, "description"),
        ({"title": "t", "priority": "urgent"}, "priority"),
        ({"title": "t", "tags": "shop"}, "tags"),
        ({"title": "t", "tags": [str(n) for n in range(21)]}, "tags"),
        ({"title": "t", "tags": ["x" * 51]}, "tags"),
        ({"title": "t", "due_at": "tomorrow"}, "due_at"),
        ({"title": "t", "due_at": 7}, "due_at"),
        ({"title": "t", "id": "tsk_mine"}, "id"),
        ({"title": "t", "user_id": "bob"}, "user_id"),
    ],
)
async def test_values_at_fault_are_named(
    alice: httpx2.AsyncClient, values: dict[str, Any], field: str
) -> None:
    response = await alice.post("/api/tasks", content=json.dumps(values))
    problem = assert_problem(response, 422, "invalid-fields")
    assert list(problem["fields"]) == [field]
    assert await titles(alice) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=", "limit"),
        (f"limit={'9' * 5000}", "limit"),
        ("completed=perhaps", "completed"),
        ("priority=urgent", "priority"),
        ("due_before=soon", "due_before"),
        ("due_after=2030-99-99", "due_after"),
        ("q=%00", "q"),
        ("tag=%00", "tag"),
        ("sort=title", "sort"),
    ],
)
async def test_filters_at_fault_are_named(
    alice: httpx2.AsyncClient, query: str, field: str
) -> None:
    problem = assert_problem(await alice.get(f"/api/tasks?{query}"), 422, "invalid-fields")
    assert list(problem["fields"]) == [field]


async def test_a_cursor_that_the_list_did_not_give_is_refused(alice: httpx2.AsyncClient) -> None:
    for cursor in ("x", "%00", "e30", "e30=", "😀", "x" * 5000):
        assert_problem(await alice.get(f"/api/tasks?cursor={cursor}"), 400, "bad-request")


async def test_the_tasks_of_another_person_do_not_exist(
    alice: httpx2.AsyncClient, bob: httpx2.AsyncClient
) -> None:
    created = await alice.post("/api/tasks", json={"title": "Call mom"})
    path = f"/api/tasks/{created.json()['id']}"
    undo = f"/api/changes/{created.headers['x-change-id']}/undo"
    await make(bob, title="Bob's own")

    never = "tsk_00000000000000000000000000000000"
    for foreign, unknown in [
        (await bob.get(path), await bob.get(f"/api/tasks/{never}")),
        (
            await bob.patch(path, json={"title": "Mine"}),
            await bob.patch(f"/api/tasks/{never}", json={"title": "Mine"}),
        ),
        (await bob.delete(path), await bob.delete(f"/api/tasks/{never}")),
        (await bob.post(undo), await bob.post("/api/changes/chg_0/undo")),
    ]:
        told = assert_problem(foreign, 404, "not-found")
        expected = assert_problem(unknown, 404, "not-found")
        assert {**told, "request_id": ""} == {**expected, "request_id": ""}
    assert await titles(bob) == ["Bob's own"]
    assert await titles(alice) == ["Call mom"]


async def test_odd_ids_are_not_found(alice: httpx2.AsyncClient) -> None:
    for name in ("%00", "%ff", "x" * 3000, "%F0%9F%98%80", "'--"):
        for response in (
            await alice.get(f"/api/tasks/{name}"),
            await alice.patch(f"/api/tasks/{name}", json={"title": "t"}),
            await alice.delete(f"/api/tasks/{name}"),
            await alice.post(f"/api/changes/{name}/undo"),
            await alice.delete(f"/api/threads/{name}/run"),
        ):
            assert_problem(response, 404, "not-found")
