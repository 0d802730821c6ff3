"""How often an answer goes to the database and waits, counted on the wire."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from tests.support.answers import create, follow, reading
from tests.support.chat import ChatClient, app_environment, chat_application, text_of, thread_of
from tests.support.model_server import Call, ModelServer, text, tool_calls
from tests.support.wire import Wire, counted


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[Wire]:
    async with counted(database_url) as wire:
        yield wire


@pytest.fixture
def environment(wire: Wire, model: ModelServer) -> dict[str, str]:
    """One connection, so that none is made or checked for the first time while it is counted."""
    return app_environment(wire.url, model, DATABASE_POOL_SIZE="1")


async def test_a_plain_message(alice: ChatClient, model: ModelServer, wire: Wire) -> None:
    model.script([text("Hello.")])
    thread_id = thread_of(await alice.create("Hello"))
    model.script([text("I am well.")])
    before = wire.round_trips
    assert text_of(await alice.say(thread_id, "How are you?")) == "I am well."
    assert 0 < wire.round_trips - before <= 12


async def test_a_message_with_a_tool(alice: ChatClient, model: ModelServer, wire: Wire) -> None:
    model.script([text("Hello.")])
    thread_id = thread_of(await alice.create("Hello"))
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Done.")])
    before = wire.round_trips
    assert text_of(await alice.say(thread_id, "Add milk")) == "Done."
    assert 0 < wire.round_trips - before <= 18
    assert [task["title"] for task in await alice.tasks()] == ["Milk"]


async def test_while_the_model_streams_and_nobody_follows(
    alice: ChatClient, model: ModelServer, wire: Wire
) -> None:
    model.script([text("One", *[" more"] * 100, delay=0.05)])
    async with reading(alice, *create("Count")) as answer:
        await answer.until(" more")
        await asyncio.sleep(1)
        before, began_at = wire.round_trips, time.monotonic()
        await asyncio.sleep(3)
        # One may fall on each end of the time.
        asked, seconds = wire.round_trips - before - 1, time.monotonic() - began_at
        assert 0 < asked / seconds <= 1.2
        await answer.to_the_end()


async def test_while_someone_follows_the_log_is_written_more_often(
    alice: ChatClient, model: ModelServer, wire: Wire, database_url: str
) -> None:
    model.script([text("One", *[" more"] * 200, delay=0.05)])
    elsewhere = app_environment(database_url, model)
    async with chat_application(elsewhere) as url, reading(alice, *create("Count")) as answer:
        await answer.until(" more")
        other = ChatClient(url, "alice")
        async with other.http, reading(other, *follow(answer.thread_id)) as follower:
            await follower.until(" more")
            await asyncio.sleep(2)
            before = wire.round_trips
            await asyncio.sleep(2)
            assert wire.round_trips - before >= 4
            assert (await alice.http.delete(f"/api/threads/{answer.thread_id}/run")).is_success
            assert await follower.to_the_end() == await answer.to_the_end()
