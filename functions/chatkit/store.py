"""The store as a run uses it: what was said is worth waiting for the database."""

from collections.abc import Awaitable, Callable
from typing import override

from chatkit.errors import CustomStreamError
from chatkit.types import Page, ThreadItem, ThreadMetadata

from functions.chatkit.context import ChatContext
from taskchat.database import with_retries
from taskchat.errors import DatabaseUnavailableError
from taskchat.threads import PostgresStore

RETRY_SECONDS = 10.0


class RunStore(PostgresStore[ChatContext]):
    """A `PostgresStore` whose methods survive a restart of the database within a run.

    If it stays away, they raise what the SDK shows to the person in our words.
    """

    @override
    async def save_thread(self, thread: ThreadMetadata, context: ChatContext) -> None:
        save = super().save_thread
        await _with_retries(lambda: save(thread, context), context)

    @override
    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: ChatContext
    ) -> Page[ThreadItem]:
        load = super().load_thread_items
        return await _with_retries(lambda: load(thread_id, after, limit, order, context), context)

    @override
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: ChatContext) -> None:
        add = super().add_thread_item
        await _with_retries(lambda: add(thread_id, item, context), context)


async def _with_retries[T](operation: Callable[[], Awaitable[T]], context: ChatContext) -> T:
    if context.run_id is None:
        return await operation()
    try:
        return await with_retries(operation, RETRY_SECONDS)
    except DatabaseUnavailableError as error:
        raise CustomStreamError(str(error), allow_retry=True) from error
