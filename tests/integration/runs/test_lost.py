"""A process died while it answered: found out by whoever comes next, and nothing stays open."""

import asyncio
import json
from typing import Any

import pytest

from taskchat.database import Database
from taskchat.maintenance import maintain
from taskchat.settings import RetentionSettings
from tests.support.answers import follow, reading, retry, rows, runs_of
from tests.support.chat import ChatClient, text_of, thread_of, until
from tests.support.model_server import Call, ModelServer, text, tool_calls

LEFT_BEHIND = """
with thread as (
    update threads set last_seq = last_seq + 3 where id = %(thread)s returning *
), items as (
    insert into thread_items (thread_id, id, seq, type, draft, payload)
    select thread.id, item.id, thread.last_seq - 2 + item.place, item.type, item.draft, item.payload
    from thread, (values
        (0, 'msg_asked', 'user_message', false, %(message)s::jsonb),
        (1, 'wf_lost', 'workflow', true, %(workflow)s::jsonb),
        (2, 'msg_lost', 'assistant_message', true, %(answer)s::jsonb)
    ) as item (place, id, type, draft, payload)
), run as (
    insert into runs (id, thread_id, user_id, answers_item_id, lease_expires_at)
    select 'run_lost', id, user_id, 'msg_asked', now() - interval '1 s' from thread
)
insert into run_events (run_id, seq, events) values ('run_lost', 0, %(events)s)
"""
STEPS = [{"type": "custom", "title": "Create task", "status_indicator": "loading"}]
SAID = {"type": "progress_update", "text": "said before the process died"}


@pytest.fixture
async def lost(alice: ChatClient, model: ModelServer, database_url: str) -> str:
    """A thread with a run whose process died in a tool call, and whose lease has run out."""
    model.script([text("Hello.")])
    thread_id = thread_of(await alice.create("Hello"))
    words = [{"type": "input_text", "text": "Add milk"}]
    message = {"content": words, "attachments": [], "inference_options": {}}
    workflow = {"workflow": {"type": "custom", "tasks": STEPS, "expanded": True}}
    answer = {"content": [{"type": "output_text", "text": "I will", "annotations": []}]}
    await rows(
        database_url,
        LEFT_BEHIND,
        thread=thread_id,
        message=json.dumps(message),
        workflow=json.dumps(workflow),
        answer=json.dumps(answer),
        events=json.dumps(SAID) + "\n" + json.dumps(SAID),
    )
    return thread_id


async def assert_closed(client: ChatClient, thread_id: str, url: str) -> None:
    workflow, answer = (await client.items(thread_id))[3:5]
    assert [step["status_indicator"] for step in workflow["workflow"]["tasks"]] == ["none"]
    assert workflow["workflow"]["summary"]["title"] == "Interrupted"
    assert answer["content"][0]["text"] == "I will"
    statuses = {run["id"]: run["status"] for run in await runs_of(url, thread_id)}
    assert statuses["run_lost"] == "lost"
    assert await rows(url, "select from thread_items where draft") == []


async def test_the_next_message_is_answered_and_the_model_knows(
    alice: ChatClient, lost: str, model: ModelServer, database_url: str
) -> None:
    model.script([text("Here I am.")])
    assert text_of(await alice.say(lost, "Are you there?")) == "Here I am."
    await assert_closed(alice, lost, database_url)
    said = [str(m["content"]) for m in model.requests[-1].json["messages"]]
    assert any("cut off" in content for content in said)


async def test_a_reload_shows_no_step_at_work(
    alice: ChatClient, lost: str, database_url: str
) -> None:
    await assert_closed(alice, lost, database_url)


async def test_maintenance_finds_it_and_twice_at_once_does_no_harm(
    alice: ChatClient, lost: str, database: Database, database_url: str
) -> None:
    found = await asyncio.gather(
        *(maintain(database, RetentionSettings(), seconds=5) for _ in range(4))
    )
    assert sum(counts["lost_runs"] for counts in found) == 1
    await assert_closed(alice, lost, database_url)


async def test_there_is_nothing_to_stop(alice: ChatClient, lost: str, database_url: str) -> None:
    assert (await alice.http.delete(f"/api/threads/{lost}/run")).status_code == 204
    await assert_closed(alice, lost, database_url)


async def test_a_follower_sees_it_end(alice: ChatClient, lost: str, database_url: str) -> None:
    first, second = await asyncio.gather(
        alice.events(*follow(lost)), alice.events(*follow(lost)), return_exceptions=False
    )
    events = first or second  # the other may have come when it was over
    assert events[:2] == [SAID, SAID]
    assert [(e["type"], e["item"]["id"]) for e in events[2:-1]] == [
        ("thread.item.done", "wf_lost"),
        ("thread.item.done", "msg_lost"),
    ]
    assert events[-1]["type"] == "error"
    assert events[-1]["allow_retry"]
    await assert_closed(alice, lost, database_url)


async def test_while_its_lease_lasts_it_counts_as_running(
    alice: ChatClient, lost: str, database_url: str
) -> None:
    await rows(database_url, "update runs set lease_expires_at = now() + interval '1 s'")
    refused = await alice.post(
        "threads.retry_after_item", {"thread_id": lost, "item_id": "msg_asked"}
    )
    assert refused.status_code == 409
    async with reading(alice, *follow(lost)) as follower:
        events = await follower.to_the_end()
    assert events[-1]["type"] == "error"


async def test_a_retry_does_not_repeat_what_the_lost_run_has_done(
    alice: ChatClient, lost: str, model: ModelServer, database_url: str
) -> None:
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added.")])
    await alice.events(*retry(lost, "msg_asked"))
    shown = [item for item in await alice.items(lost) if item["type"] == "widget"]
    made = await alice.tasks()
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added again.")])

    events = await alice.events(*retry(lost, "msg_asked"))

    assert text_of(events) == "Added again."
    assert await alice.tasks() == made
    again = [item for item in await alice.items(lost) if item["type"] == "widget"]
    assert [item["widget"] for item in again] == [item["widget"] for item in shown]


async def test_a_process_that_was_only_slow_stops_and_writes_no_more(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    def answer(*_: Any) -> Any:
        return text("One", *[" more"] * 100, delay=0.05)

    model.script(answer)
    async with reading(alice, "threads.create", {"input": _message("Count")}) as slow:
        await slow.until(" more")
        expire = (
            "update runs set lease_expires_at = now() - interval '1 s' where status = 'running'"
        )

        async def taken_over() -> bool:
            # The slow process may send a heartbeat between the two.
            await rows(database_url, expire)
            await alice.items(slow.thread_id)
            (run,) = await runs_of(database_url, slow.thread_id)
            return bool(run["status"] == "lost")

        await until(taken_over)
        before = await alice.items(slow.thread_id)
        events = await slow.to_the_end()
    assert events[-1]["type"] == "error"
    assert await alice.items(slow.thread_id) == before


def _message(words: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": words}]
    return {"content": content, "attachments": [], "inference_options": {}}
