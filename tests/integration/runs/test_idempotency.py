"""The same request twice: answered once, the second time with the first one's outcome."""

import asyncio
from typing import Any, TypedDict

import pytest

from tests.support.answers import create, follow, reading, retry, rows, runs_of, say
from tests.support.chat import ChatClient, Event, actions_in, done_items, text_of, thread_of
from tests.support.model_server import Call, ModelServer, problem, text, tool_calls

Key = TypedDict("Key", {"Idempotency-Key": str})
KEY: Key = {"Idempotency-Key": "a-key"}


async def test_while_it_runs_the_second_request_follows_from_the_beginning(
    alice: ChatClient, alice_elsewhere: ChatClient, model: ModelServer
) -> None:
    model.script([text("One", " two", " three", delay=0.4)])
    async with (
        reading(alice, *create("Count"), **KEY) as first,
        reading(alice, *create("Count"), **KEY) as here,
        reading(alice_elsewhere, *create("Count"), **KEY) as there,
    ):
        events = await first.to_the_end()
        assert text_of(events) == "One two three"
        assert await here.to_the_end() == events
        assert await there.to_the_end() == events
    assert len(model.requests) == 1


@pytest.mark.parametrize("same_process", [True, False])
async def test_after_it_the_outcome_is_replayed(
    same_process: bool, alice: ChatClient, alice_elsewhere: ChatClient, model: ModelServer
) -> None:
    model.script([text("Only once.")])
    first = await alice.create("Go", **KEY)

    again = await (alice if same_process else alice_elsewhere).create("Go", **KEY)

    assert again == first
    assert len(model.requests) == 1


async def test_a_failure_is_an_outcome_too(alice: ChatClient, model: ModelServer) -> None:
    model.script([problem(400)])
    first = await alice.create("Go", **KEY)
    assert first[-1]["type"] == "error"
    assert await alice.create("Go", **KEY) == first


async def test_another_body_under_the_key_is_refused(alice: ChatClient, model: ModelServer) -> None:
    model.script([text("Hello.")])
    events = await alice.create("Go", **KEY)

    for request in (create("Stop"), say(thread_of(events), "Go"), click(events, "task.complete")):
        refused = await alice.post(*request, **KEY)
        assert refused.status_code == 422
        assert refused.json()["type"] == "/problems/idempotency-key-reused"


async def test_another_person_may_use_the_same_key(
    alice: ChatClient, alice_elsewhere: ChatClient, model: ModelServer
) -> None:
    model.script([text("For Alice."), text("For Bob.")])
    bob = ChatClient(alice_elsewhere.url, "bob")
    async with bob.http:
        assert text_of(await alice.create("Go", **KEY)) == "For Alice."
        assert text_of(await bob.create("Go", **KEY)) == "For Bob."


async def test_a_retry_with_a_key_is_made_once(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script([text("First.")])
    thread_id = thread_of(await alice.create("Go"))
    first, *_ = await alice.items(thread_id)
    model.script([text("Second.")])

    answers = await asyncio.gather(
        *(alice.events(*retry(thread_id, first["id"]), **KEY) for _ in range(2))
    )

    assert [text_of(events) for events in answers] == ["Second."] * 2
    assert len(await runs_of(database_url, thread_id)) == 2


async def test_a_click_under_a_key_has_one_effect_and_one_answer(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added.")])
    events = await alice.create("Add milk")
    complete = click(events, "task.complete")

    first = await alice.post(*complete, **KEY)
    (card,) = [item for item in await alice.items(thread_of(events)) if item["type"] == "widget"]
    undo = actions_in(card["widget"])["Undo"]
    await alice.act(thread_of(events), card["id"], undo["type"], undo["payload"])
    again = await alice.post(*complete, **KEY)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert [task["completed_at"] for task in await alice.tasks()] == [None]
    other = await alice.post(*click(events, "task.reopen"), **KEY)
    assert other.status_code == 422
    message = await alice.post(*create("Hello"), **KEY)
    assert message.status_code == 422


async def test_equal_clicks_at_once_change_once(alice: ChatClient, model: ModelServer) -> None:
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added.")])
    events = await alice.create("Add milk")

    answers = await asyncio.gather(
        *(alice.post(*click(events, "task.complete"), **KEY) for _ in range(4))
    )

    assert {answer.status_code for answer in answers} == {200}
    (task,) = await alice.tasks()
    assert task["completed_at"]


async def test_a_follower_may_carry_a_key(alice: ChatClient, model: ModelServer) -> None:
    model.script([text("Hello.")])
    thread_id = thread_of(await alice.create("Go"))
    for _ in range(2):
        assert await alice.events(*follow(thread_id), **KEY) == []


async def test_a_run_whose_log_was_trimmed_is_told_from_its_thread(
    alice: ChatClient, model: ModelServer, database_url: str
) -> None:
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added."), text("Yes.")])
    first = await alice.create("Add milk", **KEY)
    await alice.say(thread_of(first), "Sure?")
    await rows(database_url, "delete from run_events")
    await rows(database_url, "update runs set log_trimmed_at = now()")

    again = await alice.create("Add milk", **KEY)

    assert again[0]["type"] == "thread.created"
    assert again[0]["thread"]["id"] == thread_of(first)
    assert {e["type"] for e in again[1:]} == {"thread.item.done"}
    shown = (await alice.items(thread_of(first)))[:-2]
    assert [e["item"]["id"] for e in again[1:]] == [item["id"] for item in shown]
    assert again[1]["item"] == shown[0]
    assert again[-1]["item"] == shown[-1]
    assert len(model.requests) == 3


async def test_a_key_that_is_no_text_is_refused(alice: ChatClient) -> None:
    for key in ("", "k" * 256, "a\x7fb"):
        refused = await alice.post(*create("Go"), **Key({"Idempotency-Key": key}))
        assert refused.status_code == 400


def click(events: list[Event], kind: str) -> tuple[str, dict[str, Any]]:
    """A click on the first card of an answer, if there is one."""
    cards = done_items(events, "widget")
    buttons = actions_in(cards[0]["widget"]) if cards else {}
    payload = buttons["Complete"]["payload"] if cards else {"task_id": "tsk_0"}
    return "threads.custom_action", {
        "thread_id": thread_of(events),
        "item_id": cards[0]["id"] if cards else None,
        "action": {"type": kind, "payload": payload},
    }
