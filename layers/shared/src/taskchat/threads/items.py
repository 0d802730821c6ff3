"""Reads and writes a thread's items as the SDK's models, in the caller's transaction."""

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
    """The item in the form in which it is stored."""
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
    """Add the item at the end of the thread, or replace it in place if the thread has it.

    Locks the thread until the transaction ends, which orders its writers. Raises `NotStoredError`
    if the user has no such thread.
    """
    locked = await repository.put_items(connection, user_id, thread_id, [item_row(item)])
    if await locked.fetchone() is None:
        raise NotStoredError("The thread does not exist.")


async def require_thread(connection: Connection, user_id: str, thread_id: str) -> None:
    """Raise `NotStoredError` if the user has no such thread."""
    if await repository.get_thread(connection, user_id, thread_id) is None:
        raise NotStoredError("The thread does not exist.")


async def load_locked_item(
    connection: Connection, user_id: str, thread_id: str, item_id: str
) -> ThreadItem:
    """The item, locked for other clicks until the transaction ends. Raises `NotStoredError`."""
    row = await repository.lock_item(connection, user_id, thread_id, item_id)
    if row is None:
        raise NotStoredError("The item does not exist.")
    return read_item(row)


async def load_newest_items(
    connection: Connection, user_id: str, thread_id: str, run_id: str, *, limit: int
) -> list[ThreadItem]:
    """The items that the model may see while the run `run_id` answers, newest first."""
    rows = await repository.list_newest_items(connection, user_id, thread_id, run_id, limit=limit)
    return [item for row in rows if (item := read_item_or_none(row)) is not None]


async def set_aside_answer(
    connection: Connection, user_id: str, thread_id: str, message_id: str, run_id: str
) -> None:
    """Set aside the items after a message while the run `run_id` retries it. See `settle_retry`.

    Raises `NotStoredError` if the user has no such item, `BadRequestError` if it is not a message
    from the user, and `NotTheLastMessageError` if they have written another one since.
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
    """Record the user's feedback on the items. The newest feedback counts.

    Raises `NotStoredError` if one of the items is not in this thread of the user.
    """
    if not await repository.upsert_feedback(connection, user_id, thread_id, item_ids, kind):
        raise NotStoredError("The message does not exist.")
