"""What writes to a thread inside a transaction of the caller's."""

from collections.abc import Iterable

from chatkit.types import FeedbackKind, ThreadItem

from taskchat.database import Connection, fetch_all, fetch_one, load_queries
from taskchat.errors import BadRequestError, NotTheLastMessageError
from taskchat.threads.errors import NotStoredError
from taskchat.threads.payloads import (
    SCHEMA_VERSION,
    read_item,
    read_item_or_none,
    storable_payload,
    storable_text,
    storable_time,
)

_queries = load_queries("threads")


async def append_item(
    connection: Connection,
    user_id: str,
    thread_id: str,
    item: ThreadItem,
    *,
    draft: bool = False,
    run_id: str | None = None,
) -> None:
    """Put the item at the thread's end or, if it is in the thread, replace it where it is.

    A draft is an item that is still being written; it never replaces one that is done. What a run
    writes (`run_id`) is not kept once the run has ended. The thread is locked until the transaction
    ends, which orders its writers. Raises `NotStoredError` when the thread is not the user's.
    """
    owned = {"thread_id": storable_text(thread_id), "user_id": user_id}
    if await fetch_one(connection, _queries.lock_thread, owned) is None:
        raise NotStoredError("The thread does not exist.")
    await connection.execute(
        _queries.upsert_item,
        owned
        | {
            "id": storable_text(item.id),
            "type": item.type,
            "schema_version": SCHEMA_VERSION,
            "payload": storable_payload(item, beside={"id", "thread_id", "type", "created_at"}),
            "draft": draft,
            "run_id": run_id,
            "created_at": storable_time(item.created_at),
        },
    )


async def require_thread(connection: Connection, user_id: str, thread_id: str) -> None:
    """Raise `NotStoredError` when the thread is not the user's."""
    owned = {"thread_id": storable_text(thread_id), "user_id": user_id}
    if await fetch_one(connection, _queries.get_thread_id, owned) is None:
        raise NotStoredError("The thread does not exist.")


async def load_locked_item(
    connection: Connection, user_id: str, thread_id: str, item_id: str
) -> ThreadItem:
    """The item, kept from other clicks until the transaction ends. Raises `NotStoredError`."""
    key = {
        "thread_id": storable_text(thread_id),
        "id": storable_text(item_id),
        "user_id": user_id,
    }
    row = await fetch_one(connection, _queries.lock_item, key)
    if row is None:
        raise NotStoredError("The item does not exist.")
    return read_item(row)


async def load_newest_items(
    connection: Connection, user_id: str, thread_id: str, run_id: str, *, limit: int
) -> list[ThreadItem]:
    """What the model may be told of a thread while `run_id` answers in it, newest first."""
    parameters = {"thread_id": thread_id, "user_id": user_id, "run_id": run_id, "limit": limit}
    rows = await fetch_all(connection, _queries.list_newest_items, parameters)
    return [item for row in rows if (item := read_item_or_none(row)) is not None]


async def set_aside_answer(
    connection: Connection, user_id: str, thread_id: str, message_id: str, run_id: str
) -> None:
    """Set aside what follows a message, while `run_id` answers it anew; see `settle_retry`.

    Raises `NotStoredError` when the message is not in a thread of the user's, `BadRequestError`
    when it is no message of theirs, `NotTheLastMessageError` when they have written another since.
    """
    key = {
        "thread_id": storable_text(thread_id),
        "id": storable_text(message_id),
        "user_id": user_id,
    }
    message = await fetch_one(connection, _queries.find_answered_message, key)
    if message is None:
        raise NotStoredError("The item does not exist.")
    if message["type"] != "user_message":
        raise BadRequestError("Only the answer to a message can be retried.")
    if message["has_later"]:
        raise NotTheLastMessageError("Only the answer to your newest message can be retried.")
    await connection.execute(_queries.set_aside_answer, {**key, "run_id": run_id})


async def save_feedback(
    connection: Connection,
    user_id: str,
    thread_id: str,
    item_ids: Iterable[str],
    kind: FeedbackKind,
) -> None:
    """Record what the user thinks of the items; the newest opinion counts.

    Raises `NotStoredError` when one of them is not in a thread of the user's.
    """
    ids = sorted({storable_text(item_id) for item_id in item_ids})
    saved = await connection.execute(
        _queries.upsert_feedback,
        {
            "thread_id": storable_text(thread_id),
            "user_id": user_id,
            "item_ids": ids,
            "kind": kind,
        },
    )
    if saved.rowcount != len(ids):
        raise NotStoredError("The message does not exist.")
