"""What a run says: read by many, logged in batches that never change."""

import asyncio

from taskchat.runs.event_log import Batch, PendingEvents
from taskchat.runs.transcript import Transcript


async def read(transcript: Transcript) -> list[str]:
    return [event async for event in transcript.read()]


async def test_readers_see_every_event_in_order_whenever_they_join() -> None:
    transcript = Transcript()
    early = asyncio.create_task(read(transcript))
    transcript.append("a")
    await asyncio.sleep(0)
    middle = asyncio.create_task(read(transcript))
    transcript.append("b")
    await asyncio.sleep(0)
    transcript.append("c")
    transcript.end()
    assert await early == await middle == await read(transcript) == ["a", "b", "c"]


async def test_an_empty_transcript_ends_too() -> None:
    transcript = Transcript()
    reader = asyncio.create_task(read(transcript))
    await asyncio.sleep(0)
    transcript.end()
    assert await reader == []


def test_a_batch_that_is_not_confirmed_is_sent_again_as_it_was() -> None:
    transcript = Transcript()
    pending = PendingEvents(transcript)
    transcript.append("a")
    assert pending.next_batch() == Batch(0, ("a",))
    transcript.append("b")
    assert pending.next_batch() == Batch(0, ("a",))
    pending.confirm()
    assert pending.next_batch() == Batch(1, ("b",))
    pending.confirm()
    assert not pending
    assert pending.next_batch() is None


def test_the_rest_keeps_the_bounds_of_what_was_sent() -> None:
    transcript = Transcript()
    pending = PendingEvents(transcript)
    transcript.append("a")
    pending.next_batch()
    transcript.append("b")
    assert pending.rest() == [Batch(0, ("a",)), Batch(1, ("b",))]
    pending.confirm()
    assert pending.rest() == [Batch(1, ("b",))]
