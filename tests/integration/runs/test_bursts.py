"""A model that is faster than its readers: everyone gets the same text, byte for byte."""

import asyncio
import json

import psycopg

from tests.support.answers import create, follow, reading
from tests.support.chat import ChatClient, text_of, thread_of
from tests.support.model_server import DONE, ModelServer, chunk, event, raw

WORDS = [f" wörd{number}\n" for number in range(2000)]
TEXT = "".join(WORDS)
SAID = b"".join(event(chunk({"content": word})) for word in WORDS)
END = event(chunk(finish="stop")) + DONE


async def test_a_burst_is_the_same_to_every_reader_in_the_log_and_in_the_thread(
    alice: ChatClient, alice_elsewhere: ChatClient, model: ModelServer, database_url: str
) -> None:
    half = len(SAID) // 2
    model.script([raw(SAID[:half], 0.5, SAID[half:] + END)])
    async with reading(alice, *create("Count")) as first:
        await first.until("wörd0")
        async with (
            reading(alice, *follow(first.thread_id)) as here,
            reading(alice_elsewhere, *follow(first.thread_id)) as there,
        ):
            events = await first.to_the_end()
            assert await here.to_the_end() == events
            assert await there.to_the_end() == events
    assert text_of(events) == TEXT
    assert len(events) < len(WORDS) / 3

    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        cursor = await connection.execute("select events from run_events order by seq")
        logged = [
            json.loads(line) for (lines,) in await cursor.fetchall() for line in lines.split("\n")
        ]
    assert logged == events
    stored = (await alice.items(first.thread_id))[-1]["content"][0]["text"]
    assert stored == TEXT


async def test_a_reader_that_is_slow_misses_nothing(alice: ChatClient, model: ModelServer) -> None:
    model.script([raw(SAID + END)] * 2)
    body = {"type": create("Count")[0], "params": create("Count")[1]}
    received = []
    async with alice.http.stream("POST", "/api/chatkit", json=body) as response:
        async for part in response.aiter_bytes(4096):
            received.append(part)
            await asyncio.sleep(0.002)
    frames = b"".join(received).decode().split("\n\n")
    slow = [
        json.loads(frame.removeprefix("data: ")) for frame in frames if frame.startswith("data")
    ]
    assert text_of(slow) == TEXT
    items = await alice.items(thread_of(slow))
    assert items[-1]["content"][0]["text"] == TEXT
