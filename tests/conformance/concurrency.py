"""Writers at once: nothing is lost, doubled or out of order."""

import asyncio
from typing import Any

from tests.conformance.samples import AnyStore, all_items, answer, new_thread, text_of, unique

WRITERS = 12
ITEMS_EACH = 15


class ConcurrencyConformance:
    """Many tasks on one thread."""

    async def test_no_item_of_concurrent_writers_is_lost_or_out_of_order(
        self, store: AnyStore, context: Any
    ) -> None:
        thread = await new_thread(store, context)

        async def write(writer: int) -> None:
            for number in range(ITEMS_EACH):
                item = answer(thread.id, f"{writer}:{number}")
                await store.add_thread_item(thread.id, item, context)

        await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
        texts = [text_of(item) for item in await all_items(store, thread.id, context)]
        assert len(texts) == len(set(texts)) == WRITERS * ITEMS_EACH
        for writer in range(WRITERS):
            own = [text for text in texts if text.startswith(f"{writer}:")]
            assert own == [f"{writer}:{number}" for number in range(ITEMS_EACH)]

    async def test_one_new_item_written_by_many_at_once_is_one_item(
        self, store: AnyStore, context: Any
    ) -> None:
        thread = await new_thread(store, context)
        item_id = unique("msg")
        await asyncio.gather(
            *(
                store.add_thread_item(thread.id, answer(thread.id, str(n), item_id), context)
                for n in range(WRITERS)
            )
        )
        assert len(await all_items(store, thread.id, context)) == 1

    async def test_one_new_thread_saved_by_many_at_once_is_one_thread(
        self, store: AnyStore, context: Any
    ) -> None:
        thread_id = unique("thr")
        await asyncio.gather(*(new_thread(store, context, id=thread_id) for _ in range(WRITERS)))
        page = await store.load_threads(100, None, "asc", context)
        assert [thread.id for thread in page.data] == [thread_id]
