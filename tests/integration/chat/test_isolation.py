"""What is someone else's does not exist: every operation there is, by another person, is a 404."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.chat import ChatClient, actions_in, done_items, message, thread_of
from tests.support.model_server import Call, ModelServer, text, tool_calls


class Belongings:
    """What alice has, for bob to ask for."""

    thread_id: str
    message_id: str
    answer_id: str
    card_id: str
    list_card_id: str
    task_id: str
    change_id: str
    confirmation_id: str


@pytest.fixture
async def hers(alice: ChatClient, model: ModelServer) -> Belongings:
    model.script(
        [
            tool_calls(Call("create_task", {"title": "Milk"})),
            tool_calls(Call("delete_all_tasks")),
            text("Done."),
        ]
    )
    events = await alice.create("Add milk, then delete everything")
    it = Belongings()
    it.thread_id = thread_of(events)
    items = await alice.items(it.thread_id)
    it.message_id = items[0]["id"]
    it.answer_id = items[-1]["id"]
    task_card, confirmation = done_items(events, "widget")
    it.card_id, it.list_card_id = task_card["id"], confirmation["id"]
    actions = actions_in(task_card["widget"])
    it.task_id = actions["Complete"]["payload"]["task_id"]
    it.change_id = actions["Undo"]["payload"]["change_id"]
    it.confirmation_id = actions_in(confirmation["widget"])["Confirm"]["payload"]["confirmation_id"]
    return it


def action(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "payload": payload}


PROTOCOL: dict[str, Callable[[Belongings], tuple[str, dict[str, Any]]]] = {
    "get a thread": lambda h: ("threads.get_by_id", {"thread_id": h.thread_id}),
    "rename a thread": lambda h: ("threads.update", {"thread_id": h.thread_id, "title": "Mine"}),
    "delete a thread": lambda h: ("threads.delete", {"thread_id": h.thread_id}),
    "list items": lambda h: ("items.list", {"thread_id": h.thread_id}),
    "give feedback": lambda h: (
        "items.feedback",
        {"thread_id": h.thread_id, "item_ids": [h.answer_id], "kind": "positive"},
    ),
    "send a message": lambda h: (
        "threads.add_user_message",
        {"thread_id": h.thread_id, "input": message("Hello")},
    ),
    "retry": lambda h: (
        "threads.retry_after_item",
        {"thread_id": h.thread_id, "item_id": h.message_id},
    ),
    "follow": lambda h: (
        "threads.custom_action",
        {"thread_id": h.thread_id, "action": action("run.follow", {})},
    ),
    "click in her thread": lambda h: (
        "threads.custom_action",
        {
            "thread_id": h.thread_id,
            "item_id": h.card_id,
            "action": action("task.complete", {"task_id": h.task_id}),
        },
    ),
}

IN_HIS_OWN_THREAD: dict[str, Callable[[Belongings], dict[str, Any]]] = {
    "complete her task": lambda h: action("task.complete", {"task_id": h.task_id}),
    "reopen her task": lambda h: action("task.reopen", {"task_id": h.task_id}),
    "open a form on her task": lambda h: action("task.edit", {"task_id": h.task_id}),
    "change her task": lambda h: action("task.save", {"task_id": h.task_id, "title": "Mine"}),
    "change her task badly": lambda h: action(
        "task.save", {"task_id": h.task_id, "due_time": "soon"}
    ),
    "look at her task": lambda h: action("task.show", {"task_id": h.task_id}),
    "undo her change": lambda h: action("change.undo", {"change_id": h.change_id}),
    "confirm for her": lambda h: action("bulk.confirm", {"confirmation_id": h.confirmation_id}),
    "cancel for her": lambda h: action("bulk.cancel", {"confirmation_id": h.confirmation_id}),
}

REST: dict[str, Callable[[Belongings], tuple[str, str]]] = {
    "get a task": lambda h: ("GET", f"/api/tasks/{h.task_id}"),
    "change a task": lambda h: ("PATCH", f"/api/tasks/{h.task_id}"),
    "delete a task": lambda h: ("DELETE", f"/api/tasks/{h.task_id}"),
    "undo a change": lambda h: ("POST", f"/api/changes/{h.change_id}/undo"),
    "stop a run": lambda h: ("DELETE", f"/api/threads/{h.thread_id}/run"),
}


async def everything(alice: ChatClient, hers: Belongings) -> object:
    return await alice.items(hers.thread_id), await alice.tasks()


@pytest.mark.parametrize("operation", PROTOCOL)
async def test_in_the_protocol(
    operation: str, alice: ChatClient, bob: ChatClient, hers: Belongings
) -> None:
    before = await everything(alice, hers)
    kind, params = PROTOCOL[operation](hers)

    response = await bob.post(kind, params)

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert await everything(alice, hers) == before


@pytest.mark.parametrize("operation", IN_HIS_OWN_THREAD)
async def test_by_a_click_in_his_own_thread(
    operation: str, alice: ChatClient, bob: ChatClient, hers: Belongings, model: ModelServer
) -> None:
    before = await everything(alice, hers)
    model.script([text("Hello.")])
    thread_id = thread_of(await bob.create("Hi"))
    params = {"thread_id": thread_id, "action": IN_HIS_OWN_THREAD[operation](hers)}

    for kind in ("threads.custom_action", "threads.sync_custom_action"):
        assert (await bob.post(kind, params)).status_code == 404

    assert await everything(alice, hers) == before


@pytest.mark.parametrize("item", ["card_id", "message_id"])
async def test_with_her_item_in_his_own_thread(
    item: str, bob: ChatClient, hers: Belongings, model: ModelServer
) -> None:
    model.script([text("Hello.")])
    thread_id = thread_of(await bob.create("Hi"))
    item_id = getattr(hers, item)

    clicked = await bob.act(thread_id, item_id, "task.complete", {"task_id": hers.task_id})
    retried = await bob.post(
        "threads.retry_after_item", {"thread_id": thread_id, "item_id": item_id}
    )
    liked = await bob.post(
        "items.feedback", {"thread_id": thread_id, "item_ids": [item_id], "kind": "negative"}
    )

    assert [r.status_code for r in (clicked, retried, liked)] == [404, 404, 404]


@pytest.mark.parametrize("operation", REST)
async def test_over_rest(
    operation: str, alice: ChatClient, bob: ChatClient, hers: Belongings
) -> None:
    before = await everything(alice, hers)
    method, path = REST[operation](hers)

    response = await bob.http.request(
        method, path, json={"title": "Mine"} if method == "PATCH" else None
    )

    assert response.status_code == 404
    assert await everything(alice, hers) == before


async def test_her_task_by_his_assistant(
    alice: ChatClient, bob: ChatClient, hers: Belongings, model: ModelServer
) -> None:
    before = await everything(alice, hers)
    model.script(
        [
            tool_calls(
                Call("delete_task", {"task_id": hers.task_id}),
                Call("update_task", {"task_id": hers.task_id, "title": "Mine"}),
                Call("complete_task", {"task_id": hers.task_id}),
                Call("list_tasks"),
            ),
            text("I found nothing."),
        ]
    )

    await bob.create("Delete her task")

    outputs = [m["content"] for m in model.requests[-1].json["messages"] if m["role"] == "tool"]
    assert ["error" in output for output in outputs] == [True, True, True, False]
    assert not any(hers.task_id in output for output in outputs)
    assert await everything(alice, hers) == before


async def test_lists_hold_only_ones_own(bob: ChatClient, hers: Belongings) -> None:
    assert (await bob.post("threads.list", {})).json()["data"] == []
    assert await bob.tasks() == []
