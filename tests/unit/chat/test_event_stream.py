"""What of a stream leaves in one write, and what is said while nothing comes."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest

from functions.chatkit.http import sse
from taskchat.errors import TaskchatError
from taskchat.runs.transcript import Transcript


def writes(events: AsyncIterator[str]) -> AsyncIterator[bytes]:
    return cast("AsyncIterator[bytes]", sse.event_stream(events).body_iterator)


async def test_what_is_there_leaves_in_one_write_and_what_comes_leaves_at_once() -> None:
    transcript = Transcript()
    for event in ("1", "2", "3"):
        transcript.append(event)
    parts = writes(transcript.read())
    assert await anext(parts) == b"data: 1\n\ndata: 2\n\ndata: 3\n\n"
    for event in ("4", "5"):
        coming = asyncio.ensure_future(anext(parts))
        await asyncio.sleep(0)
        transcript.append(event)
        assert await coming == f"data: {event}\n\n".encode()
    transcript.append("6")
    transcript.end()
    assert b"".join([part async for part in parts]) == b"data: 6\n\n"


async def test_a_write_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_WRITE_BYTES", 20)
    transcript = Transcript()
    for number in range(6):
        transcript.append(str(number))
    transcript.end()
    parts = [part async for part in writes(transcript.read())]
    assert b"".join(parts) == b"".join(b"data: %d\n\n" % number for number in range(6))
    assert [part.count(b"data") for part in parts[:2]] == [3, 3]


async def test_silence_is_broken_by_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.001)
    transcript = Transcript()
    parts = writes(transcript.read())
    assert await anext(parts) == await anext(parts) == b": still here\n\n"
    transcript.append("1")
    transcript.end()
    said = b"".join([part async for part in parts])
    assert said.replace(b": still here\n\n", b"") == b"data: 1\n\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [(TaskchatError("No."), b'"No."'), (KeyError("inner"), b"Something went wrong")],
)
async def test_an_error_is_told_after_what_came_before_it(error: Exception, words: bytes) -> None:
    async def failing() -> AsyncIterator[str]:
        yield "1"
        raise error

    said = b"".join([part async for part in writes(failing())])
    assert said.startswith(b"data: 1\n\ndata: {")
    assert words in said


async def test_a_reader_that_goes_away_ends_what_it_read() -> None:
    ended = asyncio.Event()

    async def endless() -> AsyncIterator[str]:
        try:
            yield "1"
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def read() -> None:
        async for _ in writes(endless()):
            pass

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait([reading])
    await asyncio.wait_for(ended.wait(), timeout=5)
