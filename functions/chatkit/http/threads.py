"""Handles the protocol's requests for stored threads, which do not stream.

Nothing here needs the agent, so that a list of threads does not wait for its import.
"""

from chatkit.types import (
    ItemsFeedbackReq,
    ItemsListReq,
    Page,
    Thread,
    ThreadMetadata,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsUpdateReq,
)

from functions.chatkit.serialization import to_json
from taskchat.attachments.deletion import delete_files_now
from taskchat.attachments.storage import FileStorage
from taskchat.context import RequestContext
from taskchat.database import Database
from taskchat.threads.items import save_feedback
from taskchat.threads.store import MAX_ITEMS, PostgresStore

type ThreadRequest = (
    ThreadsGetByIdReq
    | ThreadsListReq
    | ThreadsUpdateReq
    | ThreadsDeleteReq
    | ItemsListReq
    | ItemsFeedbackReq
)

NOTHING = "{}"

DEFAULT_PAGE_SIZE = 20
"""As in the SDK (chatkit.server)."""


class ThreadRequests:
    """Reads and changes stored threads. Pages contain only what the person may see."""

    def __init__(self, database: Database, files: FileStorage | None) -> None:
        self._database = database
        self._files = files
        self._store: PostgresStore[RequestContext] = PostgresStore(database)

    async def answer(self, request: ThreadRequest, context: RequestContext) -> str:
        """The response as JSON. Raises `NotFoundError` and `BadRequestError`."""
        store = self._store
        match request:
            case ThreadsGetByIdReq(params=params):
                thread = await store.load_thread(params.thread_id, context)
                items = await store.load_visible_items(thread.id, None, MAX_ITEMS, "asc", context)
                return to_json(Thread(**{**dict(_shown(thread)), "items": items}))
            case ThreadsListReq(params=params):
                limit = params.limit or DEFAULT_PAGE_SIZE
                page = await store.load_threads(limit, params.after, params.order, context)
                threads = [_shown(thread) for thread in page.data]
                return to_json(Page(data=threads, has_more=page.has_more, after=page.after))
            case ThreadsUpdateReq(params=params):
                thread = await store.load_thread(params.thread_id, context)
                thread.title = params.title
                await store.save_thread(thread, context)
                return to_json(_shown(thread))
            case ThreadsDeleteReq(params=params):
                await store.delete_thread(params.thread_id, context)
                await delete_files_now(self._database, self._files, context.user.id)
                return NOTHING
            case ItemsListReq(params=params):
                limit = params.limit or DEFAULT_PAGE_SIZE
                return to_json(
                    await store.load_visible_items(
                        params.thread_id, params.after, limit, params.order, context
                    )
                )
            case ItemsFeedbackReq(params=params):
                async with self._database.transaction() as connection:
                    await save_feedback(
                        connection, context.user.id, params.thread_id, params.item_ids, params.kind
                    )
                return NOTHING


def _shown(thread: ThreadMetadata) -> Thread:
    """The thread without its items, and without its metadata, which only the server uses."""
    return Thread(
        id=thread.id,
        title=thread.title,
        created_at=thread.created_at,
        status=thread.status,
        allowed_image_domains=thread.allowed_image_domains,
        items=Page(),
    )
