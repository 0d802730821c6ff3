"""Bulk tools ask first; the buttons in the chat do what they say, once."""

import asyncio
from typing import Any

from tests.support.chat import ChatClient, actions_in, done_items, text_of, thread_of
from tests.support.model_server import Call, ModelServer, text, tool_calls


async def make_tasks(client: ChatClient, *titles: str) -> None:
    for title in titles:
        response = await client.http.post("/api/tasks", json={"title": title})
        assert response.status_code == 201, response.text


async def ask(client: ChatClient, model: ModelServer, tool: str) -> tuple[str, dict[str, Any]]:
    """Have the assistant propose a bulk change: the thread, and the card's item."""
    model.script([tool_calls(Call(tool)), text("Please confirm.")])
    events = await client.create("All of them, please")
    (card,) = done_items(events, "widget")
    return thread_of(events), card


async def test_deleting_all_only_asks_and_confirm_deletes_exactly_what_was_shown(
    alice: ChatClient, model: ModelServer
) -> None:
    await make_tasks(alice, "One", "Two")
    thread_id, card = await ask(alice, model, "delete_all_tasks")
    assert len(await alice.tasks()) == 2
    await make_tasks(alice, "Came later")
    confirm = actions_in(card["widget"])["Confirm"]

    response = await alice.act(thread_id, card["id"], confirm["type"], confirm["payload"])

    assert response.status_code == 200
    assert [task["title"] for task in await alice.tasks()] == ["Came later"]
    shown = (await alice.items(thread_id))[-2]
    assert shown["type"] == "widget"
    undo = actions_in(shown["widget"])["Undo"]
    await alice.act(thread_id, card["id"], undo["type"], undo["payload"])
    assert {task["title"] for task in await alice.tasks()} == {"One", "Two", "Came later"}


async def test_cancel_changes_nothing_and_confirm_after_it_neither(
    alice: ChatClient, model: ModelServer
) -> None:
    await make_tasks(alice, "One")
    thread_id, card = await ask(alice, model, "complete_all_tasks")
    actions = actions_in(card["widget"])

    await alice.act(thread_id, card["id"], "bulk.cancel", actions["Cancel"]["payload"])
    late = await alice.act(thread_id, card["id"], "bulk.confirm", actions["Confirm"]["payload"])

    assert late.status_code == 200
    assert "notice" in late.text
    assert [task["completed_at"] for task in await alice.tasks()] == [None]


async def test_a_double_click_confirms_once(alice: ChatClient, model: ModelServer) -> None:
    await make_tasks(alice, "One", "Two")
    thread_id, card = await ask(alice, model, "complete_all_tasks")
    confirm = actions_in(card["widget"])["Confirm"]

    responses = await asyncio.gather(
        *(alice.act(thread_id, card["id"], confirm["type"], confirm["payload"]) for _ in range(4))
    )

    assert {response.status_code for response in responses} == {200}
    assert all(task["completed_at"] for task in await alice.tasks())
    undo = actions_in((await alice.items(thread_id))[-2]["widget"])["Undo"]
    await alice.act(thread_id, card["id"], undo["type"], undo["payload"])
    assert not any(task["completed_at"] for task in await alice.tasks())


async def test_a_task_card_completes_reopens_and_undoes(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added.")])
    events = await alice.create("Add milk")
    thread_id, (card,) = thread_of(events), done_items(events, "widget")
    complete = actions_in(card["widget"])["Complete"]

    response = await alice.act(thread_id, card["id"], complete["type"], complete["payload"])
    assert "tasks.changed" in response.text
    assert (await alice.tasks())[0]["completed_at"]
    shown = actions_in((await alice.items(thread_id))[2]["widget"])
    assert set(shown) == {"Reopen", "Undo"}
    await alice.act(thread_id, card["id"], "change.undo", shown["Undo"]["payload"])
    assert (await alice.tasks())[0]["completed_at"] is None

    undo = actions_in(card["widget"])["Undo"]
    await alice.act(thread_id, card["id"], "change.undo", undo["payload"])
    assert await alice.tasks() == []
    again = await alice.act(thread_id, card["id"], "change.undo", undo["payload"])
    assert again.status_code == 200
    assert await alice.tasks() == []


async def test_a_list_draws_itself_again_after_a_click(
    alice: ChatClient, model: ModelServer
) -> None:
    await make_tasks(alice, "One", "Two")
    model.script([tool_calls(Call("list_tasks")), text("Two tasks.")])
    events = await alice.create("What is open?")
    thread_id, (card,) = thread_of(events), done_items(events, "widget")
    row = card["widget"]["children"][0]
    action = actions_in(row)["Complete"]

    await alice.act(thread_id, card["id"], action["type"], action["payload"])

    rows = (await alice.items(thread_id))[2]["widget"]["children"]
    assert [row["key"] for row in rows] == [r["key"] for r in card["widget"]["children"]]
    assert [set(actions_in(row)) for row in rows] == [{"Reopen"}, {"Complete"}]


async def test_the_model_is_told_what_the_person_clicked(
    alice: ChatClient, model: ModelServer
) -> None:
    await make_tasks(alice, "One")
    thread_id, card = await ask(alice, model, "complete_all_tasks")
    confirm = actions_in(card["widget"])["Confirm"]
    for _ in range(2):
        await alice.act(thread_id, card["id"], confirm["type"], confirm["payload"])
    model.script([text("Yes, it is done.")])

    events = await alice.say(thread_id, "Is it done?")

    assert text_of(events) == "Yes, it is done."
    said = [str(m["content"]) for m in model.requests[-1].json["messages"]]
    assert sum("The person confirmed" in content for content in said) == 1


async def test_a_button_that_does_not_stream_gives_the_new_widget(
    alice: ChatClient, model: ModelServer
) -> None:
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added.")])
    events = await alice.create("Add milk")
    (card,) = done_items(events, "widget")
    action = actions_in(card["widget"])["Complete"]

    response = await alice.post(
        "threads.sync_custom_action",
        {"thread_id": thread_of(events), "item_id": card["id"], "action": action},
    )

    assert response.status_code == 200
    assert set(actions_in(response.json()["updated_item"]["widget"])) == {"Reopen", "Undo"}
