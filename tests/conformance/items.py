"""Items: each type, upserts, deletion."""

from typing import Any

import pytest
from chatkit.store import NotFoundError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.samples import (
    AnyStore,
    all_items,
    answer,
    as_stored,
    new_thread,
    one_of_each,
    text_of,
    unique,
)

_STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "save", "delete"]), st.integers(0, 4)), max_size=20
)


class ItemConformance:
    """`add_thread_item`, `save_item`, `load_item`, `delete_thread_item`."""

    async def test_items_of_every_type_come_back_as_they_were_added(
        self, store: AnyStore, context: Any
    ) -> None:
        thread = await new_thread(store, context)
        items = one_of_each(thread.id)
        for item in items:
            await store.add_thread_item(thread.id, item, context)
        listed = await all_items(store, thread.id, context)
        assert [as_stored(item) for item in listed] == items
        for item in items:
            assert as_stored(await store.load_item(thread.id, item.id, context)) == item

    @pytest.mark.parametrize("method", ["add_thread_item", "save_item"])
    async def test_writing_an_item_again_changes_it_in_its_place(
        self, store: AnyStore, context: Any, method: str
    ) -> None:
        thread = await new_thread(store, context)
        items = [answer(thread.id, f"item {n}") for n in range(3)]
        for item in items:
            await store.add_thread_item(thread.id, item, context)
        changed = answer(thread.id, "changed", items[1].id)
        await getattr(store, method)(thread.id, changed, context)
        texts = [text_of(item) for item in await all_items(store, thread.id, context)]
        assert texts == ["item 0", "changed", "item 2"]

    async def test_saving_an_item_that_is_new_adds_it(self, store: AnyStore, context: Any) -> None:
        thread = await new_thread(store, context)
        item = answer(thread.id)
        await store.save_item(thread.id, item, context)
        assert as_stored(await store.load_item(thread.id, item.id, context)) == item

    async def test_equal_times_keep_the_order_of_adding(
        self, store: AnyStore, context: Any
    ) -> None:
        thread = await new_thread(store, context)
        texts = [str(n) for n in range(30)]
        for text in texts:
            await store.add_thread_item(thread.id, answer(thread.id, text), context)
        assert [text_of(item) for item in await all_items(store, thread.id, context)] == texts

    async def test_a_deleted_item_is_gone_and_the_others_stay(
        self, store: AnyStore, context: Any
    ) -> None:
        thread = await new_thread(store, context)
        items = [answer(thread.id, str(n)) for n in range(3)]
        for item in items:
            await store.add_thread_item(thread.id, item, context)
        await store.delete_thread_item(thread.id, items[1].id, context)
        with pytest.raises(NotFoundError):
            await store.load_item(thread.id, items[1].id, context)
        texts = [text_of(item) for item in await all_items(store, thread.id, context)]
        assert texts == ["0", "2"]

    async def test_an_item_that_never_was_is_not_found(self, store: AnyStore, context: Any) -> None:
        thread = await new_thread(store, context)
        with pytest.raises(NotFoundError):
            await store.load_item(thread.id, unique("msg"), context)

    async def test_the_same_item_id_in_two_threads_is_two_items(
        self, store: AnyStore, context: Any
    ) -> None:
        first, second = await new_thread(store, context), await new_thread(store, context)
        item_id = unique("msg")
        for thread in (first, second):
            await store.add_thread_item(thread.id, answer(thread.id, thread.id, item_id), context)
        await store.delete_thread_item(first.id, item_id, context)
        assert text_of(await store.load_item(second.id, item_id, context)) == second.id

    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(steps=_STEPS)
    async def test_a_thread_is_like_a_dict_that_keeps_the_order_of_insertion(
        self, store: AnyStore, context: Any, steps: list[tuple[str, int]]
    ) -> None:
        thread = await new_thread(store, context)
        expected: dict[str, str] = {}
        for number, (step, which) in enumerate(steps):
            item_id = f"msg_{which}"
            if step == "delete":
                if expected.pop(item_id, None) is not None:
                    await store.delete_thread_item(thread.id, item_id, context)
                continue
            expected[item_id] = str(number)
            write = store.add_thread_item if step == "add" else store.save_item
            await write(thread.id, answer(thread.id, str(number), item_id), context)
        for order, wanted in (("asc", list(expected)), ("desc", list(reversed(expected)))):
            items = await all_items(store, thread.id, context, order=order, limit=2)
            assert [item.id for item in items] == wanted
            assert all(text_of(item) == expected[item.id] for item in items)
