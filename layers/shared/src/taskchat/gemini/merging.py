"""Text that comes faster than it is taken, handed on in fewer chunks.

What a token costs is what the libraries build of its chunk: openai's models, the events of
openai-agents, those of ChatKit. So the text of chunks that are there already becomes one chunk
before any of them is built. Under load the cost of a token falls; a chunk that comes alone is
handed on alone and at once, the first one included.
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
    """The chunks in their order; where the next one is there already, adjacent text as one.

    At most what one read from the connection brought becomes one chunk: every read lets the event
    loop turn to others. Takes over `chunks`, and closes it.
    """
    loop = asyncio.get_running_loop()
    held: Chunk | None = None
    async with aclosing(chunks):
        async for first in chunks:
            yield first  # whatever has come with it: nobody has anything to read yet
            break
        while True:
            # Begun eagerly, it is done at once unless it has to wait for the connection.
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
    """Add the text of the following chunk to this one, if text is all that both bring.

    Token counts are sums so far: the later ones count.
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
    """What the chunk adds to the answer's text; None if it brings anything else."""
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
