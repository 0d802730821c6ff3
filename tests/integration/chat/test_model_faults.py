"""The model fails in each way it can: a friendly message, nothing lost, and retry works."""

from typing import Any

import pytest

from tests.support.chat import ChatClient, Event, text_of, thread_of
from tests.support.model_server import (
    Call,
    ModelServer,
    Reply,
    chunk,
    event,
    events,
    problem,
    raw,
    refuse,
    text,
    tool_calls,
)

FAULTS: dict[str, list[Reply]] = {
    "refuses the connection": [refuse()] * 4,
    "answers 500": [problem(500)] * 4,
    "answers 429": [problem(429, code="RESOURCE_EXHAUSTED", headers={"retry-after": "0"})] * 4,
    "answers 401": [problem(401, "API key not valid")],
    "answers 400": [problem(400, "Invalid argument")],
    "sends an error in the stream": [events([{"error": {"code": 503, "message": "busy"}}])] * 4,
    "sends nonsense": [raw(b"data: <html>oops</html>\n\n")] * 4,
    "sends nothing": [raw(b"")] * 4,
    "breaks off": [text("The beginning of", ending="break")],
    "breaks off in an event": [
        raw(event(chunk({"content": "Hel"})), b'data: {"cho', ending="break")
    ],
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_told_and_loses_nothing(
    fault: str, alice: ChatClient, model: ModelServer
) -> None:
    model.script(FAULTS[fault])

    broken = await alice.create("Add milk")

    (error,) = [e for e in broken if e["type"] == "error"]
    assert last(broken) == error
    assert error["code"] == "custom"
    assert error["message"].endswith((".", "!"))
    assert not any(word in error["message"] for word in ("Traceback", "Exception", "httpx"))
    thread_id = thread_of(broken)
    first, *_ = await alice.items(thread_id)
    assert first["content"][0]["text"] == "Add milk"

    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added.")])
    retried = await alice.events(
        "threads.retry_after_item", {"thread_id": thread_id, "item_id": first["id"]}
    )

    assert text_of(retried) == "Added."
    kinds = [item["type"] for item in await alice.items(thread_id)]
    assert kinds == ["user_message", "workflow", "widget", "assistant_message"]


async def test_what_was_written_before_it_broke_off_stays(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([raw(event(chunk({"content": "The beginning of"})), 0.3, ending="break")])

    thread_id = thread_of(await alice.create("Tell me"))

    assert text_in(await alice.items(thread_id)) == ["Tell me", "The beginning of"]


async def test_a_fault_after_a_tool_keeps_what_the_tool_did(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), problem(400)])

    thread_id = thread_of(await alice.create("Add milk"))

    assert [task["title"] for task in await alice.tasks()] == ["Milk"]
    assert [item["type"] for item in await alice.items(thread_id)] == [
        "user_message",
        "workflow",
        "widget",
    ]


async def test_a_retry_that_repeats_the_call_makes_no_second_task(
    alice: ChatClient, model: ModelServer
) -> None:
    calls = tool_calls(
        Call("create_task", {"title": "Milk"}), Call("create_task", {"title": "Milk"})
    )
    model.script([calls, problem(400)])
    thread_id = thread_of(await alice.create("Add milk, twice"))
    first, *_ = await alice.items(thread_id)
    model.script([calls, text("Added.")])

    retried = await alice.events(
        "threads.retry_after_item", {"thread_id": thread_id, "item_id": first["id"]}
    )

    assert text_of(retried) == "Added."
    assert [task["title"] for task in await alice.tasks()] == ["Milk", "Milk"]


async def test_what_a_retry_replaces_is_lost_only_once_the_new_answer_is_there(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([text("The first answer.")])
    thread_id = thread_of(await alice.create("Tell me"))
    before = await alice.items(thread_id)
    retry = {"thread_id": thread_id, "item_id": before[0]["id"]}

    model.script([problem(400)])
    await alice.events("threads.retry_after_item", retry)
    assert await alice.items(thread_id) == before

    model.script([text("The second answer.")])
    await alice.events("threads.retry_after_item", retry)
    assert text_in(await alice.items(thread_id)) == ["Tell me", "The second answer."]


async def test_a_tool_that_refuses_tells_the_model_and_the_person(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script(
        [
            tool_calls(
                Call("create_task", {"title": ""}),
                Call("create_task", {"title": "Milk", "due_at": "whenever"}),
                Call("create_task", "{broken"),
                Call("complete_task", {"task_id": "tsk_none"}),
            ),
            text("None of that worked."),
        ]
    )

    seen = await alice.create("Do it all")

    outputs = [m["content"] for m in model.requests[-1].json["messages"] if m["role"] == "tool"]
    assert all("error" in output for output in outputs)
    assert "due_at" in outputs[1]
    workflow = next(
        e["item"]
        for e in seen
        if e["type"] == "thread.item.done" and e["item"]["type"] == "workflow"
    )
    assert all("failed" in step["title"] for step in workflow["workflow"]["tasks"])
    assert workflow["workflow"]["summary"]["title"] == "4 steps failed"
    assert text_of(seen) == "None of that worked."
    assert await alice.tasks() == []


async def test_a_model_that_goes_round_in_circles_is_ended(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script(lambda _: tool_calls(Call("list_tasks")))

    seen = await alice.create("List them for ever")

    assert last(seen)["type"] == "error"
    assert len(model.requests) == 12


async def test_a_tool_that_does_not_exist_is_a_fault_of_the_model(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([tool_calls(Call("launch_rocket")), text("That is not possible.")])

    seen = await alice.create("Launch a rocket")

    assert last(seen)["type"] == "error"
    model.script([text("Here.")])
    assert text_of(await alice.say(thread_of(seen), "Still there?")) == "Here."


def last(seen: list[Event]) -> Event:
    """The last event but for a change of the title, which comes with any other event."""
    return [e for e in seen if e["type"] != "thread.updated"][-1]


def text_in(items: list[dict[str, Any]]) -> list[str]:
    return [part["text"] for item in items for part in item.get("content", [])]
