"""Reads answers in progress, for tests that interfere with them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.pq import ExecStatus
from psycopg.rows import dict_row

from tests.support.chat import ChatClient, Event, message, thread_of, until


@dataclass
class Reading:
    """The events of an answer, collected as they arrive."""

    events: list[Event] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def thread_id(self) -> str:
        return thread_of(self.events)

    async def until(self, text: str, *, seconds: float = 10) -> None:
        """Wait until some event contains the text."""

        async def seen() -> bool:
            return any(text in str(event) for event in self.events)

        await until(seen, seconds=seconds)

    async def to_the_end(self) -> list[Event]:
        """All events."""
        async with asyncio.timeout(30):
            await self.ended.wait()
        return self.events


@asynccontextmanager
async def reading(
    client: ChatClient, kind: str, params: dict[str, Any], **headers: str
) -> AsyncIterator[Reading]:
    """Read a streaming request in the background; disconnects at the end of the block."""
    answer = Reading()

    async def read() -> None:
        async for event in client.stream(kind, params, **headers):
            answer.events.append(event)
        answer.ended.set()

    task = asyncio.create_task(read())
    try:
        yield answer
    finally:
        task.cancel()
        outcome = (await asyncio.gather(task, return_exceptions=True))[0]
        if isinstance(outcome, Exception):
            raise outcome


def create(text: str) -> tuple[str, dict[str, Any]]:
    """A request that creates a thread."""
    return "threads.create", {"input": message(text)}


def say(thread_id: str, text: str) -> tuple[str, dict[str, Any]]:
    """A request that adds a message to a thread."""
    return "threads.add_user_message", {"thread_id": thread_id, "input": message(text)}


def follow(thread_id: str) -> tuple[str, dict[str, Any]]:
    """A request to follow a run."""
    action = {"type": "run.follow", "payload": {}}
    return "threads.custom_action", {"thread_id": thread_id, "item_id": None, "action": action}


def retry(thread_id: str, item_id: str) -> tuple[str, dict[str, Any]]:
    """A request to retry a message."""
    return "threads.retry_after_item", {"thread_id": thread_id, "item_id": item_id}


async def all_items(client: ChatClient, thread_id: str) -> list[dict[str, Any]]:
    """Return all visible items of a thread, from all pages."""
    items: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True, "after": None}
    while page["has_more"]:
        where = {"thread_id": thread_id, "order": "asc", "limit": 100, "after": page["after"]}
        page = (await client.post("items.list", where)).json()
        items += page["data"]
    return items


async def rows(url: str, query: Any, **parameters: Any) -> list[dict[str, Any]]:
    """Run a statement on a new connection and return its rows."""
    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, row_factory=dict_row
    ) as connection:
        cursor = await connection.execute(query, parameters)
        # The columns do not tell: `select from` returns rows without any.
        has_rows = cursor.pgresult and cursor.pgresult.status == ExecStatus.TUPLES_OK
        return await cursor.fetchall() if has_rows else []


async def runs_of(url: str, thread_id: str) -> list[dict[str, Any]]:
    """Return the runs of a thread, oldest first."""
    query = "select * from runs where thread_id = %(thread_id)s order by started_at"
    return await rows(url, query, thread_id=thread_id)
