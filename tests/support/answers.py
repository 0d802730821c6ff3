"""Answers in progress, for tests that interfere with them."""

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
    """The events of an answer, gathered as they come."""

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
    """Read a streaming request in the background; at the end of the block the client goes away."""
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
    """A request that opens a thread."""
    return "threads.create", {"input": message(text)}


def say(thread_id: str, text: str) -> tuple[str, dict[str, Any]]:
    """A request that goes on in a thread."""
    return "threads.add_user_message", {"thread_id": thread_id, "input": message(text)}


def follow(thread_id: str) -> tuple[str, dict[str, Any]]:
    """A request to read along."""
    action = {"type": "run.follow", "payload": {}}
    return "threads.custom_action", {"thread_id": thread_id, "item_id": None, "action": action}


def retry(thread_id: str, item_id: str) -> tuple[str, dict[str, Any]]:
    """A request to answer a message anew."""
    return "threads.retry_after_item", {"thread_id": thread_id, "item_id": item_id}


async def all_items(client: ChatClient, thread_id: str) -> list[dict[str, Any]]:
    """The items of a thread that the person sees, also where they are many."""
    items: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True, "after": None}
    while page["has_more"]:
        where = {"thread_id": thread_id, "order": "asc", "limit": 100, "after": page["after"]}
        page = (await client.post("items.list", where)).json()
        items += page["data"]
    return items


async def rows(url: str, query: Any, **parameters: Any) -> list[dict[str, Any]]:
    """What a statement gives, on a connection of its own."""
    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, row_factory=dict_row
    ) as connection:
        cursor = await connection.execute(query, parameters)
        # Not by its columns: `select from` gives rows without any.
        has_rows = cursor.pgresult and cursor.pgresult.status == ExecStatus.TUPLES_OK
        return await cursor.fetchall() if has_rows else []


async def runs_of(url: str, thread_id: str) -> list[dict[str, Any]]:
    """The runs of a thread, oldest first."""
    query = "select * from runs where thread_id = %(thread_id)s order by started_at"
    return await rows(url, query, thread_id=thread_id)
