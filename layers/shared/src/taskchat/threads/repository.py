"""Threads and items as rows: all that is said to Postgres about them.

It knows nothing of the SDK. Each function takes a connection in a transaction of the caller's; what
is someone else's does not exist. Texts and ids are made storable here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncCursor
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from taskchat.database import Connection, fetch_all, fetch_one, load_queries
from taskchat.identifiers import new_id
from taskchat.threads.open_items import close_open_item
from taskchat.threads.storable import storable_text, storable_time

_queries = load_queries("threads")

SCHEMA_VERSION = 1
"""Of the payloads written now. Raise it with a change that older code could not read."""


@dataclass(frozen=True, kw_only=True)
class ThreadRow:
    """A thread to store."""

    id: str
    title: str | None
    status: Jsonb
    allowed_image_domains: Jsonb | None
    metadata: Jsonb
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class ItemRow:
    """An item to store. An open one is still being written; it never replaces one that is done.

    What a run writes (`run_id`) is not kept once the run has ended.
    """

    id: str
    type: str
    payload: Jsonb
    created_at: datetime
    is_open: bool = False
    run_id: str | None = None


# --- threads ------------------------------------------------------------------------------------


async def insert_thread(
    connection: Connection, user_id: str, thread_id: str, title: str | None, created_at: datetime
) -> None:
    """Make a thread for a person who is recorded."""
    await connection.execute(
        _queries.insert_thread,
        _owned(user_id, thread_id)
        | {"title": _text_or_none(title), "created_at": storable_time(created_at)},
    )


async def put_thread(connection: Connection, user_id: str, thread: ThreadRow) -> bool:
    """Make or replace a thread; False where its id is someone else's."""
    saved = await connection.execute(
        _queries.upsert_thread,
        {
            "id": storable_text(thread.id),
            "user_id": user_id,
            "title": _text_or_none(thread.title),
            "status": thread.status,
            "allowed_image_domains": thread.allowed_image_domains,
            "metadata": thread.metadata,
            "created_at": storable_time(thread.created_at),
        },
    )
    return saved.rowcount > 0


async def get_thread(connection: Connection, user_id: str, thread_id: str) -> DictRow | None:
    """The thread's row."""
    return await fetch_one(connection, _queries.get_thread, _owned(user_id, thread_id))


async def lock_thread(connection: Connection, user_id: str, thread_id: str) -> AsyncCursor[DictRow]:
    """Hold the thread, whose writers this orders, until the transaction ends.

    The cursor has a row if there is such a thread.
    """
    return await connection.execute(_queries.lock_thread, _owned(user_id, thread_id))


async def list_threads(
    connection: Connection, user_id: str, *, ascending: bool, limit: int, after: DictRow | None
) -> list[DictRow]:
    """Threads in the order of their creation, behind the one whose row is given."""
    query = _queries.list_threads_ascending if ascending else _queries.list_threads_descending
    place = {
        "after_id": after["id"] if after else None,
        "after_created_at": after["created_at"] if after else None,
    }
    return await fetch_all(connection, query, {"user_id": user_id, "limit": limit, **place})


async def delete_thread(connection: Connection, user_id: str, thread_id: str) -> bool:
    """Delete the thread with all that belongs to it; False where there is none."""
    key = _owned(user_id, thread_id)
    await connection.execute(_queries.lock_run, key)
    deleted = await connection.execute(_queries.delete_thread, key)
    return deleted.rowcount > 0


# --- items --------------------------------------------------------------------------------------


async def put_items(
    connection: Connection, user_id: str, thread_id: str, items: Sequence[ItemRow]
) -> AsyncCursor[DictRow]:
    """Put each item at the thread's end or, if it is in the thread, replace it where it is.

    All of it is one round trip. The thread is locked until the transaction ends. The cursor has a
    row if there is such a thread; without one nothing was put.
    """
    owned = _owned(user_id, thread_id)
    async with connection.pipelined():
        locked = await lock_thread(connection, user_id, thread_id)
        for item in items:
            await connection.execute(_queries.upsert_item, owned | _item_values(item))
    return locked


def _item_values(item: ItemRow) -> dict[str, Any]:
    return {
        "id": storable_text(item.id),
        "type": item.type,
        "schema_version": SCHEMA_VERSION,
        "payload": item.payload,
        "draft": item.is_open,
        "run_id": item.run_id,
        "created_at": storable_time(item.created_at),
    }


async def get_item(
    connection: Connection, user_id: str, thread_id: str, item_id: str
) -> DictRow | None:
    """The item's row."""
    return await fetch_one(connection, _queries.get_item, _item_key(user_id, thread_id, item_id))


async def lock_item(
    connection: Connection, user_id: str, thread_id: str, item_id: str
) -> DictRow | None:
    """The item's row, held until the transaction ends."""
    return await fetch_one(connection, _queries.lock_item, _item_key(user_id, thread_id, item_id))


async def get_item_seq(
    connection: Connection, user_id: str, thread_id: str, item_id: str
) -> int | None:
    """The item's place in the thread."""
    key = _item_key(user_id, thread_id, item_id)
    row = await fetch_one(connection, _queries.get_item_place, key)
    return row["seq"] if row else None


async def list_items(
    connection: Connection,
    user_id: str,
    thread_id: str,
    *,
    ascending: bool,
    limit: int,
    after_seq: int | None,
    visible_only: bool,
) -> list[DictRow]:
    """Items in their order, behind a place; `visible_only` leaves out what only the model sees."""
    query = _queries.list_items_ascending if ascending else _queries.list_items_descending
    place = {"after_seq": after_seq, "visible_only": visible_only, "limit": limit}
    return await fetch_all(connection, query, _owned(user_id, thread_id) | place)


async def list_newest_items(
    connection: Connection, user_id: str, thread_id: str, run_id: str, *, limit: int
) -> list[DictRow]:
    """What the model may be told of a thread while `run_id` answers in it, newest first."""
    values = _owned(user_id, thread_id) | {"run_id": run_id, "limit": limit}
    return await fetch_all(connection, _queries.list_newest_items, values)


async def delete_item(connection: Connection, user_id: str, thread_id: str, item_id: str) -> bool:
    """Delete the item; False where there is none."""
    key = _item_key(user_id, thread_id, item_id)
    return (await connection.execute(_queries.delete_item, key)).rowcount > 0


async def close_open_items(connection: Connection, user_id: str, thread_id: str) -> list[DictRow]:
    """Close what nobody goes on writing, by the rule of `open_items`; the items' rows, in order."""
    owned = _owned(user_id, thread_id)
    await lock_thread(connection, user_id, thread_id)
    rows = await fetch_all(connection, _queries.list_open_items, owned)
    for row in rows:
        row["payload"] = close_open_item(row["type"], row["payload"])
        closed = {"id": row["id"], "payload": Jsonb(row["payload"])}
        await connection.execute(_queries.close_open_item, owned | closed)
    return rows


async def append_note(connection: Connection, user_id: str, thread_id: str, note: str) -> None:
    """Tell the model something, by an item at the thread's end that the person does not see."""
    owned = _owned(user_id, thread_id)
    await lock_thread(connection, user_id, thread_id)
    await connection.execute(_queries.append_note, owned | {"id": new_id("shcx"), "note": note})


async def trim_hidden_items(
    connection: Connection, user_id: str, thread_id: str, most: int
) -> None:
    """Keep the newest `most` of what only the model sees."""
    values = _owned(user_id, thread_id) | {"most": most}
    await connection.execute(_queries.trim_hidden_items, values)


async def upsert_feedback(
    connection: Connection, user_id: str, thread_id: str, item_ids: Iterable[str], kind: str
) -> bool:
    """Record an opinion of each of the items; False where one of them is not in the thread."""
    ids = sorted({storable_text(item_id) for item_id in item_ids})
    values = _owned(user_id, thread_id) | {"item_ids": ids, "kind": kind}
    return (await connection.execute(_queries.upsert_feedback, values)).rowcount == len(ids)


def _owned(user_id: str, thread_id: str) -> dict[str, Any]:
    return {"user_id": user_id, "thread_id": storable_text(thread_id)}


def _item_key(user_id: str, thread_id: str, item_id: str) -> dict[str, Any]:
    return {**_owned(user_id, thread_id), "id": storable_text(item_id)}


def _text_or_none(text: str | None) -> str | None:
    return None if text is None else storable_text(text)
