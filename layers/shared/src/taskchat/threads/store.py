"""The SDK's `Store` in Postgres."""

from collections.abc import Mapping
from typing import Any, override

from chatkit.store import Store, StoreItemType
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from psycopg.rows import DictRow

from taskchat.context import RequestContext
from taskchat.database import Database
from taskchat.errors import BadRequestError
from taskchat.identifiers import Prefix, new_id
from taskchat.threads import attachments, repository
from taskchat.threads.errors import NotStoredError
from taskchat.threads.items import append_item
from taskchat.threads.payloads import read_attachment, read_item_or_none, read_thread
from taskchat.threads.repository import ThreadRow
from taskchat.threads.storable import storable_json, storable_payload
from taskchat.users import ensure_user

MAX_ITEMS = 1_000
MAX_THREADS = 1_000
"""ChatKit's element loads all threads, and all items of a thread, one page after the other.

A page costs a few milliseconds, plus one millisecond for every hundred items.
"""

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
    """The threads, items and attachments of the context's person. Other people's count as missing.

    Each method that writes is one transaction. Limits are adjusted to 1 to `MAX_ITEMS` items or
    `MAX_THREADS` threads. Cursors are ids. Raises `NotStoredError`, and `BadRequestError` for an
    unknown cursor or order.
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
        async with self._database.autocommit() as connection:
            row = await repository.get_thread(connection, context.user.id, thread_id)
        return read_thread(_require(row, "thread"))

    @override
    async def save_thread(self, thread: ThreadMetadata, context: Context) -> None:
        domains = thread.allowed_image_domains
        row = ThreadRow(
            id=thread.id,
            title=thread.title,
            status=storable_json(thread.status.model_dump()),
            allowed_image_domains=None if domains is None else storable_json(domains),
            metadata=storable_json(thread.metadata),
            created_at=thread.created_at,
        )
        async with self._database.transaction() as connection:
            await ensure_user(connection, context.user)
            _require(await repository.put_thread(connection, context.user.id, row), "thread")

    @override
    async def load_threads(
        self, limit: int, after: str | None, order: str, context: Context
    ) -> Page[ThreadMetadata]:
        ascending, size, last = _is_ascending(order), _page_size(limit, MAX_THREADS), None
        user_id = context.user.id
        async with self._database.autocommit() as connection:
            if after is not None:
                last = await repository.get_thread(connection, user_id, after)
                if last is None:
                    raise _unknown_cursor(after)
            rows = await repository.list_threads(
                connection, user_id, ascending=ascending, limit=size + 1, after=last
            )
        return Page[ThreadMetadata](
            data=[read_thread(row) for row in rows[:size]], **_continuation(rows, size)
        )

    @override
    async def delete_thread(self, thread_id: str, context: Context) -> None:
        async with self._database.autocommit() as connection:
            deleted = await repository.delete_thread(connection, context.user.id, thread_id)
            _require(deleted, "thread")

    # --- items ----------------------------------------------------------------------------------

    @override
    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Context
    ) -> Page[ThreadItem]:
        return await self._load_items(thread_id, after, limit, order, context, visible_only=False)

    async def load_visible_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Context
    ) -> Page[ThreadItem]:
        """Like `load_thread_items`, but without hidden items.

        The SDK filters pages only after they are loaded. A page may then be empty, and a client
        whose cursor is the last item that it got could not get past it.
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
        ascending, size, after_seq = _is_ascending(order), _page_size(limit, MAX_ITEMS), None
        thread = (context.user.id, thread_id)
        async with self._database.autocommit() as connection:
            if after is not None:
                after_seq = await repository.get_item_seq(connection, *thread, after)
                if after_seq is None:
                    _require(await repository.get_thread(connection, *thread), "thread")
                    raise _unknown_cursor(after)
            rows = await repository.list_items(
                connection,
                *thread,
                ascending=ascending,
                limit=size + 1,
                after_seq=after_seq,
                visible_only=visible_only,
            )
            if not rows:
                _require(await repository.get_thread(connection, *thread), "thread")
        items = [item for row in rows[:size] if (item := read_item_or_none(row)) is not None]
        return Page[ThreadItem](data=items, **_continuation(rows, size))

    @override
    async def load_item(self, thread_id: str, item_id: str, context: Context) -> ThreadItem:
        async with self._database.autocommit() as connection:
            row = await repository.get_item(connection, context.user.id, thread_id, item_id)
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
        async with self._database.autocommit() as connection:
            deleted = await repository.delete_item(connection, context.user.id, thread_id, item_id)
            _require(deleted, "item")

    # --- attachments ----------------------------------------------------------------------------

    @override
    async def save_attachment(self, attachment: Attachment, context: Context) -> None:
        payload = storable_payload(attachment, beside={"id", "thread_id"})
        async with self._database.transaction() as connection:
            await ensure_user(connection, context.user)
            saved = await attachments.put_attachment(
                connection, context.user.id, attachment.id, attachment.thread_id, payload
            )
            _require(saved, "attachment or its thread")

    @override
    async def load_attachment(self, attachment_id: str, context: Context) -> Attachment:
        async with self._database.autocommit() as connection:
            row = await attachments.get_attachment(connection, context.user.id, attachment_id)
        return read_attachment(_require(row, "attachment"))

    @override
    async def delete_attachment(self, attachment_id: str, context: Context) -> None:
        async with self._database.autocommit() as connection:
            user_id = context.user.id
            deleted = await attachments.delete_attachment(connection, user_id, attachment_id)
            _require(deleted, "attachment")


def _require[T](found: T | None, what: str) -> T:
    """Returns `found`. Raises `NotStoredError` if it is None or False."""
    if found is None or found is False:
        raise NotStoredError(f"The {what} does not exist.")
    return found


def _continuation(rows: list[DictRow], size: int) -> dict[str, Any]:
    """A page's cursor fields. `rows` has one row more than the page if there are more."""
    has_more = len(rows) > size
    return {"has_more": has_more, "after": rows[size - 1]["id"] if has_more else None}


def _page_size(limit: int, most: int) -> int:
    return min(max(limit, 1), most)


def _is_ascending(order: str) -> bool:
    if order not in {"asc", "desc"}:
        raise BadRequestError("The order must be asc or desc.")
    return order == "asc"


def _unknown_cursor(after: str) -> BadRequestError:
    return BadRequestError(f"The cursor {after[:100]!r} is not known.")
