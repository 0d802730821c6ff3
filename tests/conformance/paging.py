"""Pages of items and of threads."""

from datetime import timedelta
from typing import Any

import pytest
from chatkit.types import Page, ThreadMetadata

from tests.conformance.samples import NOON, AnyStore, all_items, answer, new_thread, text_of

MANY = 1050


class PagingConformance:
    """`load_thread_items` and `load_threads`, in both orders."""

    async def test_a_long_thread_pages_through_whole_in_both_orders(
        self, store: AnyStore, context: Any
    ) -> None:
        thread = await new_thread(store, context)
        numbers = [str(n) for n in range(MANY)]
        for number in numbers:
            await store.add_thread_item(thread.id, answer(thread.id, number), context)
        ascending = await all_items(store, thread.id, context, limit=97)
        descending = await all_items(store, thread.id, context, order="desc", limit=20)
        assert [text_of(item) for item in ascending] == numbers
        assert [text_of(item) for item in descending] == numbers[::-1]

    @pytest.mark.parametrize(("count", "has_more"), [(0, False), (3, False), (4, True)])
    async def test_a_page_tells_whether_there_is_another(
        self, store: AnyStore, context: Any, count: int, has_more: bool
    ) -> None:
        thread = await new_thread(store, context)
        for _ in range(count):
            await store.add_thread_item(thread.id, answer(thread.id), context)
        page = await store.load_thread_items(thread.id, None, 3, "asc", context)
        assert (len(page.data), page.has_more) == (min(count, 3), has_more)

    async def test_changes_between_pages_neither_repeat_nor_skip_an_item(
        self, store: AnyStore, context: Any
    ) -> None:
        thread = await new_thread(store, context)
        items = [answer(thread.id, str(n)) for n in range(10)]
        for item in items:
            await store.add_thread_item(thread.id, item, context)
        first = await store.load_thread_items(thread.id, None, 4, "asc", context)
        await store.delete_thread_item(thread.id, items[1].id, context)  # seen
        await store.delete_thread_item(thread.id, items[5].id, context)  # not seen yet
        await store.save_item(thread.id, answer(thread.id, "2 again", items[2].id), context)
        await store.add_thread_item(thread.id, answer(thread.id, "10"), context)
        rest = await store.load_thread_items(thread.id, first.after, 100, "asc", context)
        assert [text_of(item) for item in first.data] == ["0", "1", "2", "3"]
        assert [text_of(item) for item in rest.data] == ["4", "6", "7", "8", "9", "10"]

    async def test_threads_are_listed_by_age_in_both_orders(
        self, store: AnyStore, context: Any
    ) -> None:
        made = [
            await new_thread(store, context, created_at=NOON + timedelta(seconds=n), title=str(n))
            for n in (2, 0, 1)
        ]
        await store.save_thread(made[1].model_copy(update={"title": "0"}), context)
        for order, titles in (("asc", ["0", "1", "2"]), ("desc", ["2", "1", "0"])):
            listed = await _all_threads(store, context, order, limit=2)
            assert [thread.title for thread in listed] == titles

    async def test_threads_of_one_moment_page_through_whole(
        self, store: AnyStore, context: Any
    ) -> None:
        made = {(await new_thread(store, context)).id for _ in range(25)}
        ascending = await _all_threads(store, context, "asc", limit=4)
        descending = await _all_threads(store, context, "desc", limit=10)
        assert {thread.id for thread in ascending} == made
        assert len(ascending) == len(made)
        assert ascending == descending[::-1]


async def _all_threads(
    store: AnyStore, context: Any, order: str, *, limit: int
) -> list[ThreadMetadata]:
    threads: list[ThreadMetadata] = []
    after: str | None = None
    while True:
        page: Page[ThreadMetadata] = await store.load_threads(limit, after, order, context)
        assert len(page.data) <= limit
        threads += page.data
        if not page.has_more:
            return threads
        after = page.after
