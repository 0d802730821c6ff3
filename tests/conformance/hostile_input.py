"""Texts that break careless stores. What is not Unicode may be replaced, but nothing may fail."""

from typing import Any

from chatkit.types import HiddenContextItem
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.conformance.samples import (
    NOON,
    AnyStore,
    all_items,
    answer,
    new_thread,
    text_of,
    unique,
)

_QUICK = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
_HOSTILE_TEXTS = st.text(st.characters(exclude_categories=()))
_HOSTILE_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _HOSTILE_TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(_HOSTILE_TEXTS, inner),
    max_leaves=10,
)


class HostileInputConformance:
    """Any text and any JSON, anywhere."""

    @_QUICK
    @given(text=_TEXTS)
    @example(text="'; drop table threads; --")
    @example(text="%s %(id)s {} \\ \\u0000 \u202e\ufeff\u2028 👩‍👩‍👧‍👦 é é")
    async def test_unicode_comes_back_unchanged(
        self, store: AnyStore, context: Any, text: str
    ) -> None:
        thread = await new_thread(store, context, title=text, metadata={text: [text]})
        await store.add_thread_item(thread.id, answer(thread.id, text), context)
        loaded = await store.load_thread(thread.id, context)
        assert (loaded.title, loaded.metadata) == (text, {text: [text]})
        assert [text_of(item) for item in await all_items(store, thread.id, context)] == [text]

    @_QUICK
    @given(text=_HOSTILE_TEXTS, content=_HOSTILE_JSON)
    @example(text="\x00", content={"\x00": "\ud800", "\udfff": ["\x00"]})
    @example(text="\ud83d", content=[float("nan"), float("inf")])
    async def test_what_is_not_unicode_breaks_nothing(
        self, store: AnyStore, context: Any, text: str, content: Any
    ) -> None:
        thread = await new_thread(store, context, title=text, metadata={"x": content})
        hidden = HiddenContextItem(
            id=unique("msg"), thread_id=thread.id, created_at=NOON, content=content
        )
        await store.add_thread_item(thread.id, answer(thread.id, text), context)
        await store.add_thread_item(thread.id, hidden, context)
        await store.load_thread(thread.id, context)
        items = await all_items(store, thread.id, context)
        assert len(text_of(items[0])) == len(text)
        assert items[1].id == hidden.id

    async def test_ids_that_are_not_unicode_can_be_asked_for(
        self, store: AnyStore, context: Any
    ) -> None:
        thread = await new_thread(store, context, id=unique("thr") + "\x00\ud800")
        item = answer(thread.id, item_id="msg\x00")
        await store.add_thread_item(thread.id, item, context)
        assert text_of(await store.load_item(thread.id, "msg\x00", context)) == "hello"
        await store.delete_thread_item(thread.id, item.id, context)
        await store.delete_thread(thread.id, context)

    async def test_large_payloads_come_back_whole(self, store: AnyStore, context: Any) -> None:
        thread = await new_thread(store, context)
        text = "ä🙂x" * 400_000
        await store.add_thread_item(thread.id, answer(thread.id, text), context)
        assert [text_of(item) for item in await all_items(store, thread.id, context)] == [text]
