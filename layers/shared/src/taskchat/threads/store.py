"""The SDK's `Store` in Postgres."""

from collections.abc import Mapping
from typing import Any, override

from chatkit.store import Store, StoreItemType
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from taskchat.context import RequestContext
from taskchat.database import Connection, Database, fetch_all, fetch_one, load_queries
from taskchat.errors import BadRequestError
from taskchat.identifiers import Prefix, new_id
from taskchat.threads.errors import NotStoredError
from taskchat.threads.items import append_item
from taskchat.threads.payloads import (
    read_attachment,
    read_item_or_none,
    read_thread,
    storable_json,
    storable_payload,
    storable_text,
    storable_time,
)
from taskchat.users import ensure_user

_threads = load_queries("threads")
_attachments = load_queries("attachments")

MAX_ITEMS = 100
MAX_THREADS = 1_000
"""A thread in a list is small, and ChatKit's element asks for all of them at once."""

_PREFIXES: Mapping[StoreItemType, Prefix] = {
    "thread": "thr",
    "message": "msg",
    "tool_call": "tc",
    "task": "task",
    "workflow": "wf",
    "attachment": "atc",
    "sdk_hidden_context": "shcx",
}


class PostgresStore[Context: RequestContext](Store[Context]):
    """Threads, items and attachments of the person in the context; anyone else's do not exist.

    Each method is one transaction. Pages hold 1 to `MAX_ITEMS` items or `MAX_THREADS` threads,
    whatever the limit; cursors are ids. Raises `NotStoredError`, and `BadRequestError` for a
    cursor or an order that means nothing.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def generate_thread_id(self, context: Context) -> str:
        return new_id("thr")

    @override
    def generate_item_id(
        self, item_type: StoreItemType, thread: ThreadMetadata, context: Context
    ) -> str:
        return new_id(_PREFIXES[item_type])

    # --- threads --------------------------------------------------------------------------------

    @override
    async def load_thread(self, thread_id: str, context: Context) -> ThreadMetadata:
        async with self._database.transaction() as connection:
            return read_thread(await _get_thread(connection, thread_id, context))

    @override
    async def save_thread(self, thread: ThreadMetadata, context: Context) -> None:
        domains = thread.allowed_image_domains
        values = {
            "id": storable_text(thread.id),
            "user_id": context.user.id,
            "title": None if thread.title is None else storable_text(thread.title),
            "status": storable_json(thread.status.model_dump()),
            "allowed_image_domains": None if domains is None else storable_json(domains),
            "metadata": storable_json(thread.metadata),
            "created_at": storable_time(thread.created_at),
        }
        async with self._database.transaction() as connection:
            await ensure_user(connection, context.user)
            saved = await connection.execute(_threads.upsert_thread, values)
            _require(saved.rowcount, "thread")

    @override
    async def load_threads(
        self, limit: int, after: str | None, order: str, context: Context
    ) -> Page[ThreadMetadata]:
        query = (
            _threads.list_threads_ascending
            if _is_ascending(order)
            else _threads.list_threads_descending
        )
        size = _page_size(limit, MAX_THREADS)
        cursor: dict[str, Any] = {"after_id": None, "after_created_at": None}
        async with self._database.transaction() as connection:
            if after is not None:
                try:
                    last = await _get_thread(connection, after, context)
                except NotStoredError:
                    raise _unknown_cursor(after) from None
                cursor = {"after_id": last["id"], "after_created_at": last["created_at"]}
            rows = await fetch_all(
                connection, query, {"user_id": context.user.id, "limit": size + 1, **cursor}
            )
        return Page[ThreadMetadata](
            data=[read_thread(row) for row in rows[:size]], **_continuation(rows, size)
        )

    @override
    async def delete_thread(self, thread_id: str, context: Context) -> None:
        values = {"id": storable_text(thread_id), "user_id": context.user.id}
        async with self._database.transaction() as connection:
            await connection.execute(_threads.lock_run, values)
            deleted = await connection.execute(_threads.delete_thread, values)
            _require(deleted.rowcount, "thread")

    # --- items ----------------------------------------------------------------------------------

    @override
    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Context
    ) -> Page[ThreadItem]:
        return await self._load_items(thread_id, after, limit, order, context, visible_only=False)

    async def load_visible_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Context
    ) -> Page[ThreadItem]:
        """As `load_thread_items`, without what the SDK hides from the person.

        The SDK filters pages after they are loaded: they may then be empty, and a client that
        pages by the last item it has seen would not get past them.
        """
        return await self._load_items(thread_id, after, limit, order, context, visible_only=True)

    async def _load_items(
        self,
        thread_id: str,
        after: str | None,
        limit: int,
        order: str,
        context: Context,
        *,
        visible_only: bool,
    ) -> Page[ThreadItem]:
        query = (
            _threads.list_items_ascending
            if _is_ascending(order)
            else _threads.list_items_descending
        )
        size = _page_size(limit, MAX_ITEMS)
        owned = {"thread_id": storable_text(thread_id), "user_id": context.user.id}
        after_seq: int | None = None
        async with self._database.transaction() as connection:
            if after is not None:
                place = await fetch_one(
                    connection, _threads.get_item_place, {"id": storable_text(after), **owned}
                )
                if place is None:
                    await _get_thread(connection, thread_id, context)
                    raise _unknown_cursor(after)
                after_seq = place["seq"]
            rows = await fetch_all(
                connection,
                query,
                {
                    "after_seq": after_seq,
                    "visible_only": visible_only,
                    "limit": size + 1,
                    **owned,
                },
            )
            if not rows:
                await _get_thread(connection, thread_id, context)
        items = [item for row in rows[:size] if (item := read_item_or_none(row)) is not None]
        return Page[ThreadItem](data=items, **_continuation(rows, size))

    @override
    async def load_item(self, thread_id: str, item_id: str, context: Context) -> ThreadItem:
        values = _item_key(thread_id, item_id, context)
        async with self._database.transaction() as connection:
            row = await fetch_one(connection, _threads.get_item, values)
        item = None if row is None else read_item_or_none(row)
        if item is None:
            raise NotStoredError("The item does not exist.")
        return item

    @override
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Context) -> None:
        async with self._database.transaction() as connection:
            await append_item(connection, context.user.id, thread_id, item)

    @override
    async def save_item(self, thread_id: str, item: ThreadItem, context: Context) -> None:
        await self.add_thread_item(thread_id, item, context)

    @override
    async def delete_thread_item(self, thread_id: str, item_id: str, context: Context) -> None:
        values = _item_key(thread_id, item_id, context)
        async with self._database.transaction() as connection:
            deleted = await connection.execute(_threads.delete_item, values)
            _require(deleted.rowcount, "item")

    # --- attachments ----------------------------------------------------------------------------

    @override
    async def save_attachment(self, attachment: Attachment, context: Context) -> None:
        thread_id = attachment.thread_id
        values: dict[str, str | Jsonb | None] = {
            "id": storable_text(attachment.id),
            "user_id": context.user.id,
            "thread_id": None if thread_id is None else storable_text(thread_id),
            "payload": storable_payload(attachment, beside={"id", "thread_id"}),
        }
        async with self._database.transaction() as connection:
            await ensure_user(connection, context.user)
            saved = await connection.execute(_attachments.upsert_attachment, values)
            _require(saved.rowcount, "attachment or its thread")

    @override
    async def load_attachment(self, attachment_id: str, context: Context) -> Attachment:
        values = {"id": storable_text(attachment_id), "user_id": context.user.id}
        async with self._database.transaction() as connection:
            row = await fetch_one(connection, _attachments.get_attachment, values)
        if row is None:
            raise NotStoredError("The attachment does not exist.")
        return read_attachment(row)

    @override
    async def delete_attachment(self, attachment_id: str, context: Context) -> None:
        values = {"id": storable_text(attachment_id), "user_id": context.user.id}
        async with self._database.transaction() as connection:
            deleted = await connection.execute(_attachments.delete_attachment, values)
            _require(deleted.rowcount, "attachment")


async def _get_thread(connection: Connection, thread_id: str, context: RequestContext) -> DictRow:
    values = {"id": storable_text(thread_id), "user_id": context.user.id}
    row = await fetch_one(connection, _threads.get_thread, values)
    if row is None:
        raise NotStoredError("The thread does not exist.")
    return row


def _item_key(thread_id: str, item_id: str, context: RequestContext) -> dict[str, str | None]:
    return {
        "thread_id": storable_text(thread_id),
        "id": storable_text(item_id),
        "user_id": context.user.id,
    }


def _continuation(rows: list[DictRow], size: int) -> dict[str, Any]:
    """What a page says of the next, given its rows and one more where there is one."""
    has_more = len(rows) > size
    return {"has_more": has_more, "after": rows[size - 1]["id"] if has_more else None}


def _require(count: int, what: str) -> None:
    if count == 0:
        raise NotStoredError(f"The {what} does not exist.")


def _page_size(limit: int, most: int) -> int:
    return min(max(limit, 1), most)


def _is_ascending(order: str) -> bool:
    if order not in {"asc", "desc"}:
        raise BadRequestError("The order must be asc or desc.")
    return order == "asc"


def _unknown_cursor(after: str) -> BadRequestError:
    return BadRequestError(f"The cursor {after[:100]!r} is not known.")
