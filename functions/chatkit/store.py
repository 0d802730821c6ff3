"""The store as a run uses it: what was said is worth waiting for the database."""

from typing import override

from chatkit.types import Page, ThreadItem, ThreadMetadata

from functions.chatkit.context import ChatContext
from taskchat.database import patiently
from taskchat.threads import PostgresStore

PATIENCE_SECONDS = 10.0


def _patience(context: ChatContext) -> float:
    return PATIENCE_SECONDS if context.run_id else 0


class RunStore(PostgresStore[ChatContext]):
    """A `PostgresStore` whose methods survive a restart of the database within a run."""

    @override
    async def load_thread(self, thread_id: str, context: ChatContext) -> ThreadMetadata:
        load = super().load_thread
        return await patiently(lambda: load(thread_id, context), _patience(context))

    @override
    async def save_thread(self, thread: ThreadMetadata, context: ChatContext) -> None:
        save = super().save_thread
        await patiently(lambda: save(thread, context), _patience(context))

    @override
    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: ChatContext
    ) -> Page[ThreadItem]:
        load = super().load_thread_items
        return await patiently(
            lambda: load(thread_id, after, limit, order, context), _patience(context)
        )

    @override
    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: ChatContext) -> None:
        add = super().add_thread_item
        await patiently(lambda: add(thread_id, item, context), _patience(context))
