"""Stop: from any process, within a second; nothing starts after it, and what was written stays."""

import asyncio
import time

import psycopg
import pytest

from taskchat.runs.heartbeats import HEARTBEAT_SECONDS, LOG_SECONDS
from tests.support.answers import create, follow, reading, rows, runs_of
from tests.support.chat import ChatClient, done_items, text_of, until
from tests.support.model_server import Call, ModelServer, chunk, event, raw, text, tool_calls


async def stop(client: ChatClient, thread_id: str) -> int:
    return (await client.http.delete(f"/api/threads/{thread_id}/run")).status_code


async def test_stop_ends_the_answer_from_another_process(
    alice: ChatClient, alice_elsewhere: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script([text("One", *[" more"] * 200, delay=0.05)])
    async with reading(alice, *create("Count")) as answer:
        await answer.until(" more")
        async with reading(alice_elsewhere, *follow(answer.thread_id)) as follower:
            stopped_at = time.monotonic()
            assert await stop(alice_elsewhere, answer.thread_id) == 202
            events = await answer.to_the_end()
            assert time.monotonic() - stopped_at < 2
            assert await follower.to_the_end() == events

    await asyncio.wait_for(model.requests[0].client_gone.wait(), 1)
    (run,) = await runs_of(database_url, answer.thread_id)
    assert (run["status"], run["error"]) == ("stopped", None)
    assert not any(e["type"] == "error" for e in events)
    (shown,) = done_items(events, "assistant_message")
    _, kept = await alice.items(answer.thread_id)
    assert kept["content"][0]["text"] == shown["content"][0]["text"] == text_of(events)
    assert await stop(alice, answer.thread_id) == 204

    model.script([text("Yes.")])
    await alice.say(answer.thread_id, "Are you there?")
    told = [str(m["content"]) for m in model.requests[-1].json["messages"]]
    assert any("cut off" in content for content in told)


async def test_a_message_that_had_no_words_yet_goes_away(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([raw(event(chunk({"content": " "})), 30.0)])
    async with reading(alice, *create("Think")) as answer:
        await answer.until("thread.item.added")
        await stop(alice, answer.thread_id)
        events = await answer.to_the_end()
    assert events[-1]["type"] == "thread.item.removed"
    assert [i["type"] for i in await alice.items(answer.thread_id)] == ["user_message"]


async def test_no_tool_starts_after_a_stop(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    calls = tool_calls(Call("create_task", {"title": "Milk"}), delay=0.5)
    model.script([calls, text("Never said.")])
    async with reading(alice, *create("Milk")) as answer:
        await answer.until("stream_options")
        await rows(database_url, "update runs set stop_requested_at = now()")
        await answer.to_the_end()
    assert await alice.tasks() == []
    assert len(model.requests) == 1


async def test_a_tool_at_work_when_stop_comes_does_all_or_nothing(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Never said.")])
    async with await psycopg.AsyncConnection.connect(database_url) as other:
        await other.execute("lock table tasks in exclusive mode")
        async with reading(alice, *create("Milk")) as answer:
            await answer.until("loading")
            assert await stop(alice, answer.thread_id) == 202
            events = await answer.to_the_end()
        await other.rollback()

    assert await alice.tasks() == []
    assert await rows(database_url, "select from tool_calls") == []
    (workflow,) = done_items(events, "workflow")
    assert workflow["workflow"]["tasks"][0]["status_indicator"] != "loading"
    kept = [item for item in await alice.items(answer.thread_id) if item["type"] == "workflow"]
    assert kept == [workflow]
    model.script([tool_calls(Call("create_task", {"title": "Bread"})), text("Added.")] * 3)
    for _ in range(3):  # no connection of the pool has been spoilt
        assert text_of(await alice.say(answer.thread_id, "Bread")) == "Added."


async def test_what_a_tool_does_as_stop_comes_is_shown(
    alice: ChatClient, model: ModelServer, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.chatkit.answer.agent_context.SETTLE_SECONDS", 10.0)
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Never said.")])
    async with await psycopg.AsyncConnection.connect(database_url) as other:
        await other.execute("lock table tasks in exclusive mode")
        async with reading(alice, *create("Milk")) as answer:
            await answer.until("loading")
            await stop(alice, answer.thread_id)
            await asyncio.sleep(HEARTBEAT_SECONDS + LOG_SECONDS)  # the stop is seen by now
            await other.rollback()
            events = await answer.to_the_end()
    assert [task["title"] for task in await alice.tasks()] == ["Milk"]
    assert len(done_items(events, "widget")) == 1
    kinds = [item["type"] for item in await alice.items(answer.thread_id)]
    assert kinds == ["user_message", "workflow", "widget"]


async def test_stop_does_not_wait_for_a_tool(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Never said.")])
    async with await psycopg.AsyncConnection.connect(database_url) as other:
        await other.execute("lock table tasks in exclusive mode")
        async with reading(alice, *create("Milk")) as answer:
            await answer.until("loading")
            async with asyncio.timeout(0.5):
                assert await stop(alice, answer.thread_id) == 202
            await answer.to_the_end()

    async def ended() -> bool:
        (run,) = await runs_of(database_url, answer.thread_id)
        return bool(run["status"] == "stopped")

    await until(ended)
