"""Merges chunks of text that arrive faster than they are processed.

Most of a token's cost is what the libraries build from its chunk: openai's models, the events of
openai-agents and of ChatKit. So the text of all chunks that have already arrived is merged into one
chunk before anything is built from it. This makes tokens cheaper under load. A chunk that arrives
alone is passed on alone and at once. The first chunk always is.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

type Chunk = dict[str, Any]

_PLAIN_CHUNK = frozenset({"id", "object", "created", "model", "choices", "usage"})
_PLAIN_CHOICE = frozenset({"index", "delta", "finish_reason"})
_PLAIN_DELTA = frozenset({"role", "content", "tool_calls"})


async def merge_arrived(chunks: AsyncGenerator[Chunk]) -> AsyncGenerator[Chunk]:
    """The chunks in order. Adjacent chunks of text that have already arrived become one.

    Merges only chunks from the same read from the connection, because every read yields to the
    event loop. Takes ownership of `chunks` and closes it.
    """
    loop = asyncio.get_running_loop()
    held: Chunk | None = None
    async with aclosing(chunks):
        async for first in chunks:
            yield first  # not merged: the person is waiting for the first text
            break
        while True:
            # An eager task is done at once, unless it has to wait for the connection.
            coming = asyncio.Task(_next(chunks), loop=loop, eager_start=True)
            try:
                if held is not None:
                    if coming.done() and _failure(coming) is None and _join(held, coming.result()):
                        continue
                    yield held
                held = await coming
            finally:
                if coming.cancel():
                    await asyncio.wait([coming])
            if held is None:
                return


async def _next(chunks: AsyncGenerator[Chunk]) -> Chunk | None:
    return await anext(chunks, None)


def _failure(task: asyncio.Task[Any]) -> BaseException | None:
    return asyncio.CancelledError() if task.cancelled() else task.exception()


def _join(chunk: Chunk, following: Chunk | None) -> bool:
    """Append the text of the following chunk to this one, if both have nothing but text.

    Token counts are totals so far: the later ones count.
    """
    if following is None or (text := _text(following)) is None or _text(chunk) is None:
        return False
    if any(chunk.get(name) != following.get(name) for name in ("id", "model")):
        return False
    (choice,), (other,) = chunk["choices"], following["choices"]
    if choice["index"] != other["index"]:
        return False
    choice["delta"]["content"] += text
    chunk["usage"] = following["usage"] or chunk["usage"]
    return True


def _text(chunk: Chunk) -> str | None:
    """The chunk's text, or None if it has anything besides text."""
    match chunk:
        case {
            "choices": [{"delta": {"content": str(text), "tool_calls": None} as delta} as choice]
        } if (
            choice.get("finish_reason") is None
            and chunk.keys() <= _PLAIN_CHUNK
            and choice.keys() <= _PLAIN_CHOICE
            and delta.keys() <= _PLAIN_DELTA
        ):
            return text
        case _:
            return None
