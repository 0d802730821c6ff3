"""Story 1: chat that manages tasks."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.support.chat import ChatClient, done_items, text_of, thread_of
from tests.support.model_server import (
    USAGE,
    Call,
    ModelServer,
    RecordedRequest,
    Reply,
    chunk,
    text,
    tool_calls,
)
from tests.support.model_server import (
    events as model_events,
)


async def test_an_answer_streams_and_is_kept(alice: ChatClient, model: ModelServer) -> None:
    model.script([text("Hel", "lo", "!")])

    events = await alice.create("Hi there")

    assert [e["type"] for e in events[:2]] == ["thread.created", "thread.item.done"]
    assert text_of(events) == "Hello!"
    items = await alice.items(thread_of(events))
    assert [item["type"] for item in items] == ["user_message", "assistant_message"]
    assert items[1]["content"][0]["text"] == "Hello!"
    (answer,) = done_items(events, "assistant_message")
    assert answer["id"] == items[1]["id"]


async def test_a_task_is_made_in_the_persons_time_zone(
    alice: ChatClient, model: ModelServer
) -> None:
    tomorrow = datetime.now(ZoneInfo("Europe/Berlin")).date() + timedelta(days=1)
    arguments = {"title": "Call mom", "due_at": f"{tomorrow}T17:00"}
    model.script([tool_calls(Call("create_task", arguments)), text("Done.")])

    events = await alice.create("Create a task to call mom tomorrow at 5pm")

    (task,) = await alice.tasks()
    assert task["title"] == "Call mom"
    due = datetime.fromisoformat(task["due_at"]).astimezone(ZoneInfo("Europe/Berlin"))
    assert (due.date(), due.hour, due.minute) == (tomorrow, 17, 0)
    assert "The person's current time is " in model.requests[0].json["messages"][0]["content"]
    assert any(e["type"] == "client_effect" and e["name"] == "tasks.changed" for e in events)


async def test_tool_calls_are_shown_while_they_run_and_as_widgets_then(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script(
        [
            tool_calls(
                Call("create_task", {"title": "Milk"}), Call("create_task", {"title": "Bread"})
            ),
            text("Both are on the list."),
        ]
    )

    events = await alice.create("Milk and bread")

    kinds = [e["type"] for e in events]
    added = next(e for e in events if e["type"] == "thread.item.added")
    assert added["item"]["workflow"]["tasks"][0]["status_indicator"] == "loading"
    (workflow,) = done_items(events, "workflow")
    steps = workflow["workflow"]["tasks"]
    assert {step["content"] for step in steps} == {"“Milk”", "“Bread”"}
    assert {step["status_indicator"] for step in steps} == {"complete"}
    assert workflow["workflow"]["summary"]["title"] == "Created 2 tasks"
    assert len(done_items(events, "widget")) == 2
    assert kinds.count("error") == 0
    assert {task["title"] for task in await alice.tasks()} == {"Milk", "Bread"}
    stored = [item["type"] for item in await alice.items(thread_of(events))]
    assert stored == ["user_message", "workflow", "widget", "widget", "assistant_message"]


async def test_the_next_turn_remembers_the_tool_calls(
    alice: ChatClient, model: ModelServer
) -> None:
    def complete_it(request: RecordedRequest) -> Reply:
        history = request.json["messages"]
        output = next(m for m in history if m["role"] == "tool")
        task_id = json.loads(output["content"])["task"]["id"]
        return tool_calls(Call("complete_task", {"task_id": task_id}))

    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added.")])
    thread_id = thread_of(await alice.create("Add milk"))
    model.script([complete_it, text("Done.")])

    events = await alice.say(thread_id, "mark it done")

    assert text_of(events) == "Done."
    (task,) = await alice.tasks()
    assert task["completed_at"]


async def test_the_title_comes_from_the_first_exchange(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([text("Yes."), text("No.")])

    events = await alice.create("  What is\nleft to do today?")

    thread_id = thread_of(events)
    titles = [e["thread"]["title"] for e in events if e["type"] == "thread.created"]
    assert titles == ["What is left to do today?"]
    await alice.say(thread_id, "And tomorrow?")
    listed = (await alice.post("threads.list", {})).json()["data"]
    assert [thread["title"] for thread in listed] == ["What is left to do today?"]


async def test_every_time_in_the_stream_is_the_instant_that_the_store_gives_later(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added.")])
    events = await alice.create("Add milk")
    thread_id = thread_of(events)
    model.script([text("Yes.")])
    events += await alice.say(thread_id, "Really?")

    stored = (await alice.post("threads.get_by_id", {"thread_id": thread_id})).json()
    threads = [e["thread"] for e in events if "thread" in e]
    streamed = [e["item"] for e in events if "item" in e]

    kept = {item["id"]: item["created_at"] for item in stored["items"]["data"]}
    assert {item["id"] for item in streamed} == kept.keys()
    assert all(item["created_at"] == kept[item["id"]] for item in streamed)
    assert {thread["created_at"] for thread in threads} == {stored["created_at"]}
    assert all(datetime.fromisoformat(time).tzinfo for time in kept.values())
    assert datetime.fromisoformat(stored["created_at"]).tzinfo


async def test_the_models_thoughts_have_times_with_an_offset_too(
    alice: ChatClient, model: ModelServer
) -> None:
    thought = chunk({"reasoning_content": "The person greets me."})
    said = chunk({"content": "Hello."}, usage=USAGE)
    model.script([model_events(thought, said, chunk(finish="stop", usage=USAGE))])

    events = await alice.create("Hi")

    thoughts = [e["item"] for e in events if "item" in e and e["item"]["type"] == "workflow"]
    assert thoughts
    assert all(datetime.fromisoformat(item["created_at"]).tzinfo for item in thoughts)
