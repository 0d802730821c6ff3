"""The seven tools through the official client, for people who see nothing of each other's."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from mcp import McpError

from taskchat.database import Database
from taskchat.tasks import BY_PERSON, TaskDraft, create_task
from taskchat.users import User, ensure_user
from tests.support.mcp import SEVEN, call, connect, fail, use_all_seven

type Sign = Callable[[str], str]


async def titles(rest: httpx2.AsyncClient) -> set[str]:
    return {task["title"] for task in (await rest.get("/api/tasks")).json()["tasks"]}


async def test_the_client_is_told_of_seven_tools_with_what_they_may_do(
    mcp_url: str, sign: Sign
) -> None:
    async with connect(mcp_url, sign("alice")) as alice:
        tools = {tool.name: tool for tool in (await alice.list_tools()).tools}

    assert tools.keys() == SEVEN
    hints = {name: tool.annotations for name, tool in tools.items()}
    assert {name for name, hint in hints.items() if hint and hint.readOnlyHint} == {"list_tasks"}
    assert {name for name, hint in hints.items() if hint and hint.destructiveHint} == {
        "update_task",
        "delete_task",
        "complete_all_tasks",
        "delete_all_tasks",
    }
    assert {name for name, hint in hints.items() if hint and not hint.idempotentHint} == {
        "create_task"
    }
    for tool in tools.values():
        assert tool.inputSchema["type"] == "object"
        assert tool.outputSchema is not None
        assert tool.outputSchema["type"] == "object"


async def test_two_people_use_all_seven_and_neither_sees_the_others_tasks(
    mcp_url: str, sign: Sign
) -> None:
    async with connect(mcp_url, sign("alice")) as alice, connect(mcp_url, sign("bob")) as bob:
        await use_all_seven(alice, "Alice's", other=bob)
        await use_all_seven(bob, "Bob's", other=alice)


async def test_times_are_in_the_persons_zone_and_null_clears_them(mcp_url: str, sign: Sign) -> None:
    async with connect(mcp_url, sign("alice"), **{"X-Timezone": "Asia/Tokyo"}) as alice:
        made = await call(alice, "create_task", title="Call", due_at="2030-05-31T17:00")
        assert made["task"]["due_at"] == "2030-05-31T17:00+09:00"
        cleared = await call(alice, "update_task", task_id=made["task"]["id"], due_at=None)
        assert cleared["task"]["due_at"] is None


async def test_every_kind_of_change_can_be_undone_by_rest(
    mcp_url: str, sign: Sign, rest: httpx2.AsyncClient
) -> None:
    async def undo(result: dict[str, Any]) -> None:
        response = await rest.post(f"/api/changes/{result['change_id']}/undo")
        assert response.status_code == 200, response.text

    async with connect(mcp_url, sign("alice")) as alice:
        created = await call(alice, "create_task", title="Milk")
        task = created["task"]["id"]
        await undo(await call(alice, "update_task", task_id=task, title="Bread"))
        assert await titles(rest) == {"Milk"}
        unchanged = await call(alice, "update_task", task_id=task, title="Milk")
        assert unchanged["change_id"] is None
        await undo(await call(alice, "delete_task", task_id=task))
        assert await titles(rest) == {"Milk"}
        await call(alice, "create_task", title="Bread")
        asked = await call(alice, "delete_all_tasks")
        confirmation = {"confirmation_id": asked["confirmation_id"]}
        done = await call(alice, "delete_all_tasks", **confirmation)
        assert await titles(rest) == set()
        await undo(done)
        assert await titles(rest) == {"Milk", "Bread"}


@pytest.mark.parametrize("tool", ["complete_all_tasks", "delete_all_tasks"])
async def test_one_call_changes_no_task_in_bulk(tool: str, mcp_url: str, sign: Sign) -> None:
    async with connect(mcp_url, sign("alice")) as alice:
        await call(alice, "create_task", title="Milk")

        answers = await asyncio.gather(*(call(alice, tool) for _ in range(4)))

        assert {answer["status"] for answer in answers} == {"needs_confirmation"}
        assert all(answer["count"] == 1 for answer in answers)
        assert all(answer["titles"] == ["Milk"] for answer in answers)
        found = (await call(alice, "list_tasks"))["tasks"]
        assert [(task["title"], task["completed_at"]) for task in found] == [("Milk", None)]


async def test_what_was_shown_is_deleted_and_nothing_that_came_later(
    mcp_url: str, sign: Sign, rest: httpx2.AsyncClient
) -> None:
    async with connect(mcp_url, sign("alice")) as alice:
        for title in ("Shown", "Shown, then gone"):
            await call(alice, "create_task", title=title)
        asked = await call(alice, "delete_all_tasks", query="shown")
        await call(alice, "create_task", title="Shown too late")
        gone = (await call(alice, "list_tasks", query="gone"))["tasks"][0]
        await call(alice, "delete_task", task_id=gone["id"])
        confirmation = {"confirmation_id": asked["confirmation_id"]}

        first, again = [await call(alice, "delete_all_tasks", **confirmation) for _ in range(2)]

        assert (first["count"], first["titles"]) == (1, ["Shown"])
        assert "Skipped 1 that had already changed" in first["note"]
        assert again == first
        assert await titles(rest) == {"Shown too late"}


async def test_a_confirmation_is_for_one_tool_and_comes_alone(
    mcp_url: str, sign: Sign, rest: httpx2.AsyncClient
) -> None:
    async with connect(mcp_url, sign("alice")) as alice:
        await call(alice, "create_task", title="Milk")
        asked = await call(alice, "complete_all_tasks")
        confirmation = {"confirmation_id": asked["confirmation_id"]}

        other_tool = await fail(alice, "delete_all_tasks", **confirmation)
        with_filter = await fail(alice, "complete_all_tasks", **confirmation, tag="home")
        made_up = await fail(alice, "delete_all_tasks", confirmation_id="cnf_made_up")
        nothing = await call(alice, "delete_all_tasks", query="bread")

    assert "no such confirmation" in other_tool
    assert with_filter == "confirmation_id: must come without filters"
    assert made_up == "There is no such confirmation"
    assert (nothing["status"], nothing["confirmation_id"]) == ("nothing_to_do", None)
    assert await titles(rest) == {"Milk"}


async def test_only_the_newest_confirmations_are_kept(
    mcp_url: str, sign: Sign, database: Database
) -> None:
    async with connect(mcp_url, sign("alice")) as alice:
        await call(alice, "create_task", title="Milk")
        asked = [await call(alice, "delete_all_tasks") for _ in range(12)]
        oldest, newest = (
            {"confirmation_id": one["confirmation_id"]} for one in (asked[0], asked[-1])
        )

        refused = await fail(alice, "delete_all_tasks", **oldest)
        done = await call(alice, "delete_all_tasks", **newest)

    assert refused == "There is no such confirmation"
    assert done["titles"] == ["Milk"]
    async with database.transaction() as connection:
        rows = await connection.execute("select count(*) as kept from confirmations")
        assert await rows.fetchall() == [{"kept": 10}]


async def test_of_many_tasks_the_first_titles_are_named(
    mcp_url: str, sign: Sign, database: Database
) -> None:
    async with database.transaction() as connection:
        await ensure_user(connection, User(id="alice"))
        for number in range(60):
            draft = TaskDraft(title=f"Task {number}")
            await create_task(connection, "alice", draft, origin=BY_PERSON)
    async with connect(mcp_url, sign("alice")) as alice:
        asked = await call(alice, "delete_all_tasks")

    assert (asked["count"], len(asked["titles"])) == (60, 50)
    assert "10 of them are not named" in asked["note"]


async def test_what_a_tool_refuses_is_told_to_the_model_in_our_words(
    mcp_url: str, sign: Sign
) -> None:
    async with connect(mcp_url, sign("alice")) as alice:
        assert await fail(alice, "create_task") == "title: is required"
        assert await fail(alice, "create_task", title="a\0") == (
            "title: must not contain the NUL character"
        )
        assert await fail(alice, "list_tasks", limit=101) == "limit: must be at most 100"
        assert await fail(alice, "list_tasks", owner="bob") == "owner: is not a known field"
        with pytest.raises(McpError, match="There is no such tool"):
            await alice.call_tool("drop_table", {})


async def test_changes_and_tasks_are_limited_as_on_the_page(
    mcp_url: str, sign: Sign, rest: httpx2.AsyncClient
) -> None:
    async with connect(mcp_url, sign("alice")) as alice:
        for number in range(10):
            await call(alice, "create_task", title=f"Task {number}")
        assert "You can have 10 tasks" in await fail(alice, "create_task", title="One more")
        assert len(await titles(rest)) == 10
        for _ in range(10):
            await call(alice, "delete_all_tasks")
        assert "20 changes per minute" in await fail(alice, "delete_all_tasks")
        assert (await call(alice, "list_tasks"))["has_more"] is False
        assert (await rest.post("/api/tasks", json={"title": "By REST"})).status_code == 429


async def test_a_change_is_kept_with_the_request_that_made_it(
    mcp_url: str, sign: Sign, database: Database
) -> None:
    async with connect(mcp_url, sign("alice"), **{"X-Request-Id": "from-the-client"}) as alice:
        await call(alice, "create_task", title="Milk")

    async with database.transaction() as connection:
        rows = await connection.execute("select run_id, call_id from changes")
        assert await rows.fetchall() == [{"run_id": None, "call_id": "from-the-client"}]


async def test_the_text_of_a_result_is_its_structure(mcp_url: str, sign: Sign) -> None:
    async with connect(mcp_url, sign("alice")) as alice:
        result = await alice.call_tool("create_task", {"title": "Äpfel 🍏"})

    (content,) = result.content
    assert content.type == "text"
    assert json.loads(content.text) == result.structuredContent


async def test_a_long_list_is_cut_and_says_so(mcp_url: str, sign: Sign) -> None:
    async with connect(mcp_url, sign("alice")) as alice:
        for number in range(10):
            await call(alice, "create_task", title=f"{number}", description="x" * 2_000)
        result = await alice.call_tool("list_tasks", {})

    (content,) = result.content
    assert content.type == "text"
    assert len(content.text) <= 20_000
    assert result.structuredContent is not None
    assert len(result.structuredContent["tasks"]) == 5
    assert result.structuredContent["left_out"].startswith("5 more did not fit")
