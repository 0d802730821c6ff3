"""The official MCP client, signed in as a person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

SEVEN = {
    "create_task",
    "list_tasks",
    "update_task",
    "complete_task",
    "delete_task",
    "complete_all_tasks",
    "delete_all_tasks",
}


@asynccontextmanager
async def connect(base_url: str, token: str, **headers: str) -> AsyncIterator[ClientSession]:
    """Open an initialised session at `POST /mcp`."""
    sent = {"Authorization": f"Bearer {token}", **headers}
    async with (
        httpx.AsyncClient(headers=sent, timeout=30) as http,
        streamable_http_client(f"{base_url}/mcp", http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        yield session


async def call(session: ClientSession, tool: str, **arguments: Any) -> dict[str, Any]:
    """Make a successful call and return its result, which the client validates by the schema."""
    result = await session.call_tool(tool, arguments)
    assert not result.isError, result.content
    assert result.structuredContent is not None
    return result.structuredContent


async def fail(session: ClientSession, tool: str, **arguments: Any) -> str:
    """Make a call that is refused, and return its message to the model."""
    result = await session.call_tool(tool, arguments)
    assert result.isError, result.structuredContent
    (content,) = result.content
    assert content.type == "text"
    return content.text


async def use_all_seven(person: ClientSession, title: str, *, other: ClientSession) -> None:
    """Call each tool as `person`, who has no tasks yet; `other` must not see any of theirs."""
    made = (await call(person, "create_task", title=title, priority="high"))["task"]

    for tool in ("update_task", "complete_task", "delete_task"):
        assert await fail(other, tool, task_id=made["id"]) == "There is no such task"
    found = await call(other, "list_tasks", query=title)
    assert found == {"tasks": [], "has_more": False}

    changed = await call(person, "update_task", task_id=made["id"], title=f"{title} own")
    done = await call(person, "complete_task", task_id=made["id"])
    listed = await call(person, "list_tasks", completed=True)
    assert changed["task"]["title"] == f"{title} own"
    assert done["task"]["completed_at"]
    assert [task["id"] for task in listed["tasks"]] == [made["id"]]

    second = (await call(person, "create_task", title="Second"))["task"]
    asked = await call(person, "complete_all_tasks")
    assert asked["titles"] == ["Second"]
    confirmation = {"confirmation_id": asked["confirmation_id"]}
    assert "no such" in await fail(other, "complete_all_tasks", **confirmation)
    assert (await call(person, "complete_all_tasks", **confirmation))["count"] == 1

    deleted = await call(person, "delete_task", task_id=second["id"])
    assert deleted["deleted"] == "Second"
    asked = await call(person, "delete_all_tasks")
    assert [task["id"] for task in (await call(person, "list_tasks"))["tasks"]] == [made["id"]]
    confirmation = {"confirmation_id": asked["confirmation_id"]}
    gone = await call(person, "delete_all_tasks", **confirmation)
    assert (gone["status"], gone["titles"]) == ("done", [f"{title} own"])
    assert await call(person, "list_tasks") == {"tasks": [], "has_more": False}
