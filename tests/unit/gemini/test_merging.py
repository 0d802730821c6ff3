"""Which chunks become one: the text that has arrived together, and nothing else."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskchat.gemini.chunks import ChunkNormaliser
from taskchat.gemini.merging import Chunk, merge_arrived

PAUSE = "pause"
CALL = {"index": 0, "id": "call", "type": "function", "function": {"name": "f", "arguments": "{}"}}

texts = st.builds(lambda text: chunk({"content": text}), st.text(max_size=3))
counted = st.builds(
    lambda text, count: chunk({"content": text}, usage={"completion_tokens": count}),
    st.text(max_size=3),
    st.integers(1, 99),
)
others = st.sampled_from(
    [
        lambda: chunk({"tool_calls": [CALL]}),
        lambda: chunk({"content": "x", "tool_calls": [CALL]}),
        lambda: chunk({}, finish_reason="stop"),
        lambda: chunk({"content": "the last"}, finish_reason="length"),
        lambda: chunk({"content": None}),
        lambda: chunk({"content": "", "refusal": "No."}),
        lambda: chunk({"content": "thought", "extra_content": {"google": {"thought": True}}}),
        lambda: chunk({"content": "probable"}, logprobs={"content": []}),
        lambda: chunk({"content": "of another choice"}, index=1),
        lambda: chunk({"content": "of another answer"}, id="b"),
        lambda: chunk({"content": "annotated"}, system_fingerprint="f"),
        lambda: {"id": "a", "model": "m", "choices": [], "usage": {"completion_tokens": 5}},
        lambda: {"error": {"code": 500}},
    ]
).map(lambda make: make())
arrivals = st.lists(st.one_of(texts, counted, others, st.just(PAUSE)), max_size=30)


def chunk(delta: dict[str, Any], **members: Any) -> Chunk:
    choice = {"index": 0, "delta": delta}
    for name in ("index", "finish_reason", "logprobs"):
        if name in members:
            choice[name] = members.pop(name)
    plain = {"id": "a", "model": "m", "choices": [choice], **members}
    return ChunkNormaliser().normalise(plain)


async def arriving(items: Sequence[Chunk | str]) -> AsyncGenerator[Chunk]:
    """The chunks; where there is a pause, the reader has to wait for the connection."""
    for item in items:
        if isinstance(item, str):
            await asyncio.sleep(0)
        else:
            yield deepcopy(item)


async def merged(items: Sequence[Chunk | str]) -> list[Chunk]:
    return [chunk async for chunk in merge_arrived(arriving(items))]


def text_of(chunks: Sequence[Chunk], *of: object) -> str:
    """The text of all the chunks, or of those of one answer's choice."""
    return "".join(
        choice["delta"].get("content") or ""
        for chunk in chunks
        for choice in chunk.get("choices", ())
        if not of or (chunk.get("id"), choice["index"]) == of
    )


def is_text(chunk: Chunk) -> bool:
    """Whether nothing but text is in the chunk."""
    if chunk.keys() != {"id", "model", "choices", "usage"} or not chunk["choices"]:
        return False
    (choice,) = chunk["choices"]
    return (
        choice.keys() == {"index", "delta", "finish_reason"}
        and choice["finish_reason"] is None
        and choice["delta"].keys() == {"content", "tool_calls"}
        and choice["delta"]["tool_calls"] is None
        and choice["delta"]["content"] is not None
    )


def shape(chunks: Sequence[Chunk]) -> list[object]:
    """All that is not text as it is, and where there is text, only of which answer's choice."""
    shapes: list[object] = []
    for chunk in chunks:
        kind = (chunk["id"], chunk["choices"][0]["index"]) if is_text(chunk) else chunk
        if not shapes or shapes[-1] != kind or not is_text(chunk):
            shapes.append(kind)
    return shapes


@given(arrivals)
async def test_the_text_is_the_same_and_all_else_is_untouched(items: list[Chunk | str]) -> None:
    one_by_one = [chunk async for chunk in arriving(items)]
    together = await merged(items)
    for of in (("a", 0), ("a", 1), ("b", 0)):
        assert text_of(together, *of) == text_of(one_by_one, *of)
    assert shape(together) == shape(one_by_one)
    usages = [
        [c["usage"] for c in chunks if c.get("usage")][-1:] for chunks in (together, one_by_one)
    ]
    assert usages[0] == usages[1]


@given(st.lists(st.one_of(texts, st.just(PAUSE)), max_size=30))
async def test_text_waits_for_nothing_that_is_not_there(items: list[Chunk | str]) -> None:
    runs: list[str] = [""]
    for item in items:
        if isinstance(item, str):
            runs.append("")
        else:
            runs[-1] += item["choices"][0]["delta"]["content"]
    first, *rest = [text_of([c]) for c in await merged(items)] or [""]
    # The first chunk is handed on by itself; then one for what each wait has brought.
    assert first + "".join(rest) == "".join(runs)
    assert len(rest) <= len(runs)


async def test_text_that_has_arrived_together_is_one_chunk() -> None:
    words = [
        chunk({"content": word}, usage={"completion_tokens": n}) for n, word in enumerate("abcd")
    ]
    first, second, third = await merged([*words[:3], PAUSE, words[3]])
    assert [text_of([c]) for c in (first, second, third)] == ["a", "bc", "d"]
    assert second["usage"]["completion_tokens"] == 2


async def test_what_came_before_a_failure_is_handed_on_first() -> None:
    async def failing() -> AsyncGenerator[Chunk]:
        async for item in arriving([chunk({"content": word}) for word in "abc"]):
            yield item
        raise ConnectionError

    chunks = merge_arrived(failing())
    said = [text_of([await anext(chunks)]) for _ in range(2)]
    assert said == ["a", "bc"]
    with pytest.raises(ConnectionError):
        await anext(chunks)


@pytest.mark.parametrize("while_it_waits", [False, True])
async def test_its_source_is_closed_with_it(while_it_waits: bool) -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncGenerator[Chunk]:
        try:
            for word in "ab":
                yield chunk({"content": word})
            await asyncio.Event().wait()
        finally:
            closed.set()

    chunks = merge_arrived(endless())
    assert [text_of([await anext(chunks)]) for _ in range(2)] == ["a", "b"]
    if while_it_waits:
        waiting = asyncio.ensure_future(anext(chunks))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await chunks.aclose()
    assert closed.is_set()
