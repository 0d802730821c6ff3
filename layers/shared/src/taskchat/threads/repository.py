"""Threads and items as rows: all queries for them.

It does not use the SDK. Each function runs in the caller's transaction. Another person's rows count
as missing. Texts and ids are made storable here.
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
"""The version of new payloads. Increase it with any change that older code cannot read."""


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
    """An item to store. An open item is still being written, and never replaces one that is done.

    An item of a run (`run_id`) is not stored if the run has ended.
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
    """Create a thread. The person must be recorded."""
    await connection.execute(
        _queries.insert_thread,
        _owned(user_id, thread_id)
        | {"title": _text_or_none(title), "created_at": storable_time(created_at)},
    )


async def put_thread(connection: Connection, user_id: str, thread: ThreadRow) -> bool:
    """Create or replace a thread. False if its id belongs to someone else."""
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
    """Lock the thread until the transaction ends, which orders its writers.

    The cursor has a row if there is such a thread.
    """
    return await connection.execute(_queries.lock_thread, _owned(user_id, thread_id))


async def list_threads(
    connection: Connection, user_id: str, *, ascending: bool, limit: int, after: DictRow | None
) -> list[DictRow]:
    """Threads in the order of their creation, starting after the row `after`."""
    query = _queries.list_threads_ascending if ascending else _queries.list_threads_descending
    place = {
        "after_id": after["id"] if after else None,
        "after_created_at": after["created_at"] if after else None,
    }
    return await fetch_all(connection, query, {"user_id": user_id, "limit": limit, **place})


async def delete_thread(connection: Connection, user_id: str, thread_id: str) -> bool:
    """Delete the thread with everything that belongs to it. False if there is none."""
    key = _owned(user_id, thread_id)
    await connection.execute(_queries.lock_run, key)
    deleted = await connection.execute(_queries.delete_thread, key)
    return deleted.rowcount > 0


# --- items --------------------------------------------------------------------------------------


async def put_items(
    connection: Connection, user_id: str, thread_id: str, items: Sequence[ItemRow]
) -> AsyncCursor[DictRow]:
    """Add each item at the end of the thread, or replace it in place if the thread has it.

    Takes one round trip. Locks the thread until the transaction ends. The cursor has a row if there
    is such a thread. Otherwise nothing was stored.
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
    """The item's row, locked until the transaction ends."""
    return await fetch_one(connection, _queries.lock_item, _item_key(user_id, thread_id, item_id))


async def get_item_seq(
    connection: Connection, user_id: str, thread_id: str, item_id: str
) -> int | None:
    """The item's seq in the thread."""
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
    """Items in their order, starting after a seq. `visible_only` leaves out hidden items."""
    query = _queries.list_items_ascending if ascending else _queries.list_items_descending
    place = {"after_seq": after_seq, "visible_only": visible_only, "limit": limit}
    return await fetch_all(connection, query, _owned(user_id, thread_id) | place)


async def list_newest_items(
    connection: Connection, user_id: str, thread_id: str, run_id: str, *, limit: int
) -> list[DictRow]:
    """The items that the model may see while the run `run_id` answers, newest first."""
    values = _owned(user_id, thread_id) | {"run_id": run_id, "limit": limit}
    return await fetch_all(connection, _queries.list_newest_items, values)


async def delete_item(connection: Connection, user_id: str, thread_id: str, item_id: str) -> bool:
    """Delete the item. False if there is none."""
    key = _item_key(user_id, thread_id, item_id)
    return (await connection.execute(_queries.delete_item, key)).rowcount > 0


async def close_open_items(connection: Connection, user_id: str, thread_id: str) -> list[DictRow]:
    """Close the open items of a lost run, as `open_items` defines. Returns their rows, in order."""
    owned = _owned(user_id, thread_id)
    await lock_thread(connection, user_id, thread_id)
    rows = await fetch_all(connection, _queries.list_open_items, owned)
    for row in rows:
        row["payload"] = close_open_item(row["type"], row["payload"])
        closed = {"id": row["id"], "payload": Jsonb(row["payload"])}
        await connection.execute(_queries.close_open_item, owned | closed)
    return rows


async def append_note(connection: Connection, user_id: str, thread_id: str, note: str) -> None:
    """Add a note for the model at the end of the thread. The person does not see it."""
    owned = _owned(user_id, thread_id)
    await lock_thread(connection, user_id, thread_id)
    await connection.execute(_queries.append_note, owned | {"id": new_id("shcx"), "note": note})


async def trim_hidden_items(
    connection: Connection, user_id: str, thread_id: str, most: int
) -> None:
    """Delete all but the newest `most` hidden items."""
    values = _owned(user_id, thread_id) | {"most": most}
    await connection.execute(_queries.trim_hidden_items, values)


async def upsert_feedback(
    connection: Connection, user_id: str, thread_id: str, item_ids: Iterable[str], kind: str
) -> bool:
    """Record feedback on each of the items. False if one of them is not in the thread."""
    ids = sorted({storable_text(item_id) for item_id in item_ids})
    values = _owned(user_id, thread_id) | {"item_ids": ids, "kind": kind}
    return (await connection.execute(_queries.upsert_feedback, values)).rowcount == len(ids)


def _owned(user_id: str, thread_id: str) -> dict[str, Any]:
    return {"user_id": user_id, "thread_id": storable_text(thread_id)}


def _item_key(user_id: str, thread_id: str, item_id: str) -> dict[str, Any]:
    return {**_owned(user_id, thread_id), "id": storable_text(item_id)}


def _text_or_none(text: str | None) -> str | None:
    return None if text is None else storable_text(text)
