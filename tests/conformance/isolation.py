"""One person's data does not exist for another."""

from typing import Any

import pytest
from chatkit.store import NotFoundError

from tests.conformance.samples import AnyStore, all_items, answer, as_stored, image, new_thread


class IsolationConformance:
    """Every method, asked by someone else."""

    async def test_threads_of_others_are_not_found_and_not_changed(
        self, store: AnyStore, context: Any, other_context: Any
    ) -> None:
        thread = await new_thread(store, context, title="mine")
        item = answer(thread.id, "mine")
        await store.add_thread_item(thread.id, item, context)
        theirs = answer(thread.id, "theirs", item.id)

        attempts = (
            store.load_thread(thread.id, other_context),
            store.save_thread(thread.model_copy(update={"title": "theirs"}), other_context),
            store.delete_thread(thread.id, other_context),
            store.load_thread_items(thread.id, None, 10, "asc", other_context),
            store.load_thread_items(thread.id, item.id, 10, "desc", other_context),
            store.load_item(thread.id, item.id, other_context),
            store.add_thread_item(thread.id, theirs, other_context),
            store.add_thread_item(thread.id, answer(thread.id, "theirs"), other_context),
            store.save_item(thread.id, theirs, other_context),
            store.delete_thread_item(thread.id, item.id, other_context),
        )
        for attempt in attempts:
            with pytest.raises(NotFoundError):
                await attempt

        assert as_stored(await store.load_thread(thread.id, context)) == thread
        assert [as_stored(one) for one in await all_items(store, thread.id, context)] == [item]

    async def test_each_person_lists_only_their_own_threads(
        self, store: AnyStore, context: Any, other_context: Any
    ) -> None:
        mine = await new_thread(store, context)
        theirs = await new_thread(store, other_context)
        for asking, thread in ((context, mine), (other_context, theirs)):
            for order in ("asc", "desc"):
                page = await store.load_threads(10, None, order, asking)
                assert [one.id for one in page.data] == [thread.id]

    async def test_an_item_is_not_found_through_another_thread(
        self, store: AnyStore, context: Any, other_context: Any
    ) -> None:
        mine = await new_thread(store, context)
        theirs = await new_thread(store, other_context)
        item = answer(mine.id)
        await store.add_thread_item(mine.id, item, context)
        with pytest.raises(NotFoundError):
            await store.load_item(theirs.id, item.id, other_context)

    async def test_attachments_of_others_are_not_found_and_not_changed(
        self, store: AnyStore, context: Any, other_context: Any
    ) -> None:
        attachment = image()
        await store.save_attachment(attachment, context)
        attempts = (
            store.load_attachment(attachment.id, other_context),
            store.save_attachment(attachment.model_copy(update={"name": "x"}), other_context),
            store.delete_attachment(attachment.id, other_context),
        )
        for attempt in attempts:
            with pytest.raises(NotFoundError):
                await attempt
        assert await store.load_attachment(attachment.id, context) == attachment

    async def test_an_attachment_cannot_go_to_a_thread_of_others(
        self, store: AnyStore, context: Any, other_context: Any
    ) -> None:
        thread = await new_thread(store, context)
        attachment = image().model_copy(update={"thread_id": thread.id})
        with pytest.raises(NotFoundError):
            await store.save_attachment(attachment, other_context)
