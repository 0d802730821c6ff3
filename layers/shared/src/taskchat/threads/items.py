"""What writes to a thread, in the SDK's models, inside a transaction of the caller's."""

from collections.abc import Iterable

from chatkit.types import FeedbackKind, ThreadItem

from taskchat.database import Connection
from taskchat.errors import BadRequestError, NotTheLastMessageError
from taskchat.threads import repository, retries
from taskchat.threads.errors import NotStoredError
from taskchat.threads.payloads import read_item, read_item_or_none
from taskchat.threads.repository import ItemRow
from taskchat.threads.storable import storable_payload


def item_row(item: ThreadItem, *, is_open: bool = False, run_id: str | None = None) -> ItemRow:
    """The item as it is stored; see `ItemRow`."""
    return ItemRow(
        id=item.id,
        type=item.type,
        payload=storable_payload(item, beside={"id", "thread_id", "type", "created_at"}),
        created_at=item.created_at,
        is_open=is_open,
        run_id=run_id,
    )


async def append_item(
    connection: Connection, user_id: str, thread_id: str, item: ThreadItem
) -> None:
    """Put the item at the thread's end or, if it is in the thread, replace it where it is.

    The thread is locked until the transaction ends, which orders its writers. Raises
    `NotStoredError` when the thread is not the user's.
    """
    locked = await repository.put_items(connection, user_id, thread_id, [item_row(item)])
    if await locked.fetchone() is None:
        raise NotStoredError("The thread does not exist.")


async def require_thread(connection: Connection, user_id: str, thread_id: str) -> None:
    """Raise `NotStoredError` when the thread is not the user's."""
    if await repository.get_thread(connection, user_id, thread_id) is None:
        raise NotStoredError("The thread does not exist.")


async def load_locked_item(
    connection: Connection, user_id: str, thread_id: str, item_id: str
) -> ThreadItem:
    """The item, kept from other clicks until the transaction ends. Raises `NotStoredError`."""
    row = await repository.lock_item(connection, user_id, thread_id, item_id)
    if row is None:
        raise NotStoredError("The item does not exist.")
    return read_item(row)


async def load_newest_items(
    connection: Connection, user_id: str, thread_id: str, run_id: str, *, limit: int
) -> list[ThreadItem]:
    """What the model may be told of a thread while `run_id` answers in it, newest first."""
    rows = await repository.list_newest_items(connection, user_id, thread_id, run_id, limit=limit)
    return [item for row in rows if (item := read_item_or_none(row)) is not None]


async def set_aside_answer(
    connection: Connection, user_id: str, thread_id: str, message_id: str, run_id: str
) -> None:
    """Set aside what follows a message, while `run_id` answers it anew; see `settle_retry`.

    Raises `NotStoredError` when the message is not in a thread of the user's, `BadRequestError`
    when it is no message of theirs, `NotTheLastMessageError` when they have written another since.
    """
    key = (user_id, thread_id, message_id)
    message = await retries.find_answered_message(connection, *key)
    if message is None:
        raise NotStoredError("The item does not exist.")
    if message["type"] != "user_message":
        raise BadRequestError("Only the answer to a message can be retried.")
    if message["has_later"]:
        raise NotTheLastMessageError("Only the answer to your newest message can be retried.")
    await retries.set_aside_answer(connection, *key, run_id)


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
    if not await repository.upsert_feedback(connection, user_id, thread_id, item_ids, kind):
        raise NotStoredError("The message does not exist.")
