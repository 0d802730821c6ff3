"""Attachments' metadata."""

from typing import Any

import pytest
from chatkit.store import NotFoundError

from tests.conformance.samples import AnyStore, image, new_thread, unique


class AttachmentConformance:
    """`save_attachment`, `load_attachment`, `delete_attachment`."""

    async def test_an_attachment_comes_back_as_it_was_saved(
        self, store: AnyStore, context: Any
    ) -> None:
        attachment = image()
        await store.save_attachment(attachment, context)
        assert await store.load_attachment(attachment.id, context) == attachment

    async def test_an_attachment_gets_its_thread_when_its_message_is_saved(
        self, store: AnyStore, context: Any
    ) -> None:
        thread = await new_thread(store, context)
        attachment = image()
        await store.save_attachment(attachment, context)
        placed = attachment.model_copy(update={"thread_id": thread.id, "name": "dog.png"})
        await store.save_attachment(placed, context)
        assert await store.load_attachment(attachment.id, context) == placed

    async def test_a_deleted_attachment_is_gone(self, store: AnyStore, context: Any) -> None:
        attachment = image()
        await store.save_attachment(attachment, context)
        await store.delete_attachment(attachment.id, context)
        with pytest.raises(NotFoundError):
            await store.load_attachment(attachment.id, context)

    async def test_an_attachment_that_never_was_is_not_found(
        self, store: AnyStore, context: Any
    ) -> None:
        with pytest.raises(NotFoundError):
            await store.load_attachment(unique("atc"), context)
