"""Threads: saved, loaded, changed, listed, deleted."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from chatkit.store import NotFoundError, StoreItemType
from chatkit.types import ClosedStatus, LockedStatus, ThreadMetadata

from tests.conformance.samples import NOON, AnyStore, answer, as_stored, new_thread, unique


class ThreadConformance:
    """`load_thread`, `save_thread`, `delete_thread`, and the ids that the store gives."""

    async def test_a_thread_comes_back_as_it_was_saved(self, store: AnyStore, context: Any) -> None:
        thread = await new_thread(
            store,
            context,
            title="Groceries 🛒",
            status=LockedStatus(reason="for a moment"),
            allowed_image_domains=["example.org"],
            metadata={"a": {"b": [1, 2.5, None, True, "ü"]}},
        )
        assert as_stored(await store.load_thread(thread.id, context)) == thread

    async def test_a_thread_with_nothing_set_comes_back_so(
        self, store: AnyStore, context: Any
    ) -> None:
        thread = await new_thread(store, context)
        assert as_stored(await store.load_thread(thread.id, context)) == thread

    async def test_saving_again_changes_the_thread_and_keeps_its_items(
        self, store: AnyStore, context: Any
    ) -> None:
        thread = await new_thread(store, context, title="before", metadata={"x": 1})
        await store.add_thread_item(thread.id, answer(thread.id), context)
        changed = thread.model_copy(
            update={"title": None, "status": ClosedStatus(), "metadata": {"y": 2}}
        )
        await store.save_thread(changed, context)
        assert as_stored(await store.load_thread(thread.id, context)) == changed
        assert len((await store.load_thread_items(thread.id, None, 10, "asc", context)).data) == 1

    async def test_a_time_without_zone_is_the_servers_own(
        self, store: AnyStore, context: Any
    ) -> None:
        local = datetime(2026, 7, 1, 8, 30, 0, 5)
        thread = await new_thread(store, context, created_at=local)
        await store.add_thread_item(
            thread.id, answer(thread.id).model_copy(update={"created_at": local}), context
        )
        item = (await store.load_thread_items(thread.id, None, 1, "asc", context)).data[0]
        loaded = await store.load_thread(thread.id, context)
        assert loaded.created_at.astimezone(UTC) == local.astimezone(UTC)
        assert item.created_at.astimezone(UTC) == local.astimezone(UTC)

    async def test_a_deleted_thread_is_gone_with_its_items(
        self, store: AnyStore, context: Any
    ) -> None:
        thread = await new_thread(store, context)
        item = answer(thread.id)
        await store.add_thread_item(thread.id, item, context)
        await store.delete_thread(thread.id, context)
        with pytest.raises(NotFoundError):
            await store.load_thread(thread.id, context)
        with pytest.raises(NotFoundError):
            await store.load_thread_items(thread.id, None, 10, "asc", context)
        with pytest.raises(NotFoundError):
            await store.load_item(thread.id, item.id, context)
        assert (await store.load_threads(10, None, "desc", context)).data == []

    async def test_a_thread_that_never_was_is_not_found(
        self, store: AnyStore, context: Any
    ) -> None:
        unknown = unique("thr")
        with pytest.raises(NotFoundError):
            await store.load_thread(unknown, context)
        with pytest.raises(NotFoundError):
            await store.load_thread_items(unknown, None, 10, "asc", context)
        with pytest.raises(NotFoundError):
            await store.add_thread_item(unknown, answer(unknown), context)

    async def test_ids_do_not_collide(self, store: AnyStore, context: Any) -> None:
        thread = ThreadMetadata(id="thr_x", created_at=NOON)
        made = [store.generate_item_id("message", thread, context) for _ in range(20_000)]
        assert len(set(made)) == len(made)

    async def test_each_kind_of_item_has_its_prefix(self, store: AnyStore, context: Any) -> None:
        thread = ThreadMetadata(id="thr_x", created_at=NOON)
        kinds = [kind for kind in get_args(StoreItemType) if kind != "thread"]
        made = [store.generate_item_id(kind, thread, context) for kind in kinds]
        assert len({item_id.split("_")[0] for item_id in made}) == len(kinds)
