"""Bulk tools ask first; the buttons in the chat do what they say, once."""

import asyncio
from typing import Any

from tests.support.answers import reading, say
from tests.support.chat import ChatClient, actions_in, done_items, text_of, thread_of
from tests.support.model_server import Call, ModelServer, hang, text, tool_calls


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
    assert set(shown) == {"Reopen", "Change", "Undo"}
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
    assert set(actions_in(response.json()["updated_item"]["widget"])) == {
        "Reopen",
        "Change",
        "Undo",
    }


async def click(
    client: ChatClient, thread_id: str, item_id: str | None, action: dict[str, Any]
) -> dict[str, Any]:
    """Click a button as the element does where its action does not stream: the widget as it is."""
    params = {"thread_id": thread_id, "item_id": item_id, "action": action}
    response = await client.post("threads.sync_custom_action", params)
    assert response.status_code == 200, response.text
    widget: dict[str, Any] = response.json()["updated_item"]["widget"]
    (kept,) = [i["widget"] for i in await client.items(thread_id) if i["id"] == item_id]
    assert widget == kept
    return widget


def strings_in(value: Any) -> list[str]:
    """All texts in a widget."""
    if isinstance(value, str):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [found for inner in values for found in strings_in(inner)]


async def milk_card(alice: ChatClient, model: ModelServer) -> tuple[str, dict[str, Any]]:
    """A thread, and the card of the task that was made in it."""
    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Added.")])
    events = await alice.create("Add milk")
    return thread_of(events), done_items(events, "widget")[0]


async def test_every_button_comes_at_once_though_an_answer_runs(
    alice: ChatClient, model: ModelServer
) -> None:
    thread_id, card = await milk_card(alice, model)
    await make_tasks(alice, "One")
    model.script([tool_calls(Call("list_tasks"), Call("delete_all_tasks")), hang()])

    async with reading(alice, *say(thread_id, "Delete all")) as answer:
        await answer.until("Confirm")
        widgets = [card, *done_items(answer.events, "widget")]
        actions = [a for item in widgets for a in actions_in(item["widget"]).values()]
        assert len(widgets) == 3
        assert {action.get("streaming") for action in actions} == {False}

        confirm = actions_in(widgets[2]["widget"])["Confirm"]
        shown = await click(alice, thread_id, widgets[2]["id"], confirm)
        assert "2 tasks deleted." in strings_in(shown)
        assert await alice.tasks() == []
        await click(alice, thread_id, widgets[2]["id"], actions_in(shown)["Undo"])
        await click(alice, thread_id, card["id"], actions_in(card["widget"])["Complete"])
        assert [bool(t["completed_at"]) for t in await alice.tasks()] == [False, True]
        assert not answer.ended.is_set()
        await alice.http.delete(f"/api/threads/{thread_id}/run")
        await answer.to_the_end()


async def test_a_second_click_leaves_the_card_as_the_first_one_made_it(
    alice: ChatClient, model: ModelServer
) -> None:
    thread_id, card = await milk_card(alice, model)
    complete = actions_in(card["widget"])["Complete"]

    first = await click(alice, thread_id, card["id"], complete)
    again = await click(alice, thread_id, card["id"], complete)

    assert set(actions_in(first)) >= {"Reopen", "Change", "Undo"}
    assert again == first
    await click(alice, thread_id, card["id"], actions_in(again)["Undo"])
    assert [task["completed_at"] for task in await alice.tasks()] == [None]


async def test_what_can_no_longer_be_done_is_told_in_the_widget_once(
    alice: ChatClient, model: ModelServer
) -> None:
    thread_id, card = await milk_card(alice, model)
    actions = actions_in(card["widget"])
    (task,) = await alice.tasks()
    await alice.http.patch(f"/api/tasks/{task['id']}", json={"title": "Oat milk"})

    for _ in range(2):
        told = await click(alice, thread_id, card["id"], actions["Undo"])
        assert sum("changed since" in line for line in strings_in(told)) == 1
        assert actions_in(told) == actions
    assert [task["title"] for task in await alice.tasks()] == ["Oat milk"]

    done = await click(alice, thread_id, card["id"], actions["Complete"])
    assert not any("changed since" in line for line in strings_in(done))


async def test_a_click_that_comes_again_under_its_key_gets_the_first_answer(
    alice: ChatClient, model: ModelServer
) -> None:
    thread_id, card = await milk_card(alice, model)
    action = actions_in(card["widget"])["Complete"]
    params = {"thread_id": thread_id, "item_id": card["id"], "action": action}
    key = {"Idempotency-Key": "click-1"}

    responses = [await alice.post("threads.sync_custom_action", params, **key) for _ in range(2)]

    assert responses[0].json() == responses[1].json()
