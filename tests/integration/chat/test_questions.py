"""Where several tasks may be meant, the person chooses, and the answer goes on from there."""

from typing import Any

import pytest

from tests.integration.chat.test_bulk_and_actions import make_tasks
from tests.support.chat import ChatClient, done_items, text_of, thread_of
from tests.support.model_server import Call, ModelServer, text, tool_calls


async def ask(alice: ChatClient, model: ModelServer) -> tuple[str, dict[str, Any]]:
    """Have the assistant ask which of two tasks is meant: the thread, and the question's item."""
    await make_tasks(alice, "Call the dentist", "Pay the dentist")
    ids = [task["id"] for task in await alice.tasks()]
    question = {"question": "Which dentist task?", "task_ids": ids}
    model.script([tool_calls(Call("ask_which_task", question))])
    events = await alice.create("Complete the dentist one")
    (item,) = done_items(events, "structured_input")
    return thread_of(events), item


def submission(item: dict[str, Any], value: str | None) -> dict[str, Any]:
    answer = {"values": [value], "skipped": False} if value else {"values": [], "skipped": True}
    status = "answered" if value else "skipped"
    return {"status": status, "answers": {item["inputs"][0]["id"]: answer}}


async def test_the_question_offers_the_tasks_and_ends_the_answer(
    alice: ChatClient, model: ModelServer
) -> None:
    thread_id, item = await ask(alice, model)

    assert item["status"] == "pending"
    (question,) = item["inputs"]
    assert question["question"] == "Which dentist task?"
    options = {option["value"] for option in question["options"]}
    assert options == {"Call the dentist", "Pay the dentist"}
    assert len(model.requests) == 1, "the model waits for the person"
    assert (await alice.items(thread_id))[-1] == item


async def test_the_persons_choice_goes_to_the_model_and_the_answer_goes_on(
    alice: ChatClient, model: ModelServer
) -> None:
    thread_id, item = await ask(alice, model)
    chosen = next(t for t in await alice.tasks() if t["title"] == "Pay the dentist")
    model.script([tool_calls(Call("complete_task", {"task_id": chosen["id"]})), text("Done.")])
    params = {
        "thread_id": thread_id,
        "item_id": item["id"],
        "input": submission(item, "Pay the dentist"),
    }

    events = await alice.events("threads.add_structured_input", params)

    (answered,) = done_items(events, "structured_input")
    assert answered["status"] == "answered"
    assert answered["inputs"][0]["answer"]["values"] == ["Pay the dentist"]
    assert text_of(events) == "Done."
    done = [t["title"] for t in await alice.tasks() if t["completed_at"]]
    assert done == ["Pay the dentist"]
    told = str(model.requests[1].json["messages"])
    assert "Pay the dentist" in told
    assert chosen["id"] in told
    stored = [i for i in await alice.items(thread_id) if i["type"] == "structured_input"]
    assert stored == [answered]


async def test_a_question_can_be_skipped(alice: ChatClient, model: ModelServer) -> None:
    thread_id, item = await ask(alice, model)
    model.script([text("All right.")])
    params = {"thread_id": thread_id, "item_id": item["id"], "input": submission(item, None)}

    events = await alice.events("threads.add_structured_input", params)

    assert done_items(events, "structured_input")[0]["status"] == "skipped"
    assert text_of(events) == "All right."


async def test_a_question_is_answered_once(alice: ChatClient, model: ModelServer) -> None:
    thread_id, item = await ask(alice, model)
    model.script([text("All right.")])
    params = {"thread_id": thread_id, "item_id": item["id"], "input": submission(item, None)}
    await alice.events("threads.add_structured_input", params)

    again = await alice.events("threads.add_structured_input", params)

    (shown,) = done_items(again, "structured_input")
    assert shown["status"] == "skipped", "another tab learns what was answered"
    assert text_of(again) == ""
    assert len(model.requests) == 2


@pytest.mark.parametrize("kind", ["foreign", "unknown", "message"])
async def test_only_ones_own_questions_can_be_answered(
    alice: ChatClient, bob: ChatClient, model: ModelServer, kind: str
) -> None:
    thread_id, item = await ask(alice, model)
    message_id = (await alice.items(thread_id))[0]["id"]
    ids = {"foreign": item["id"], "unknown": "msg_unknown", "message": message_id}
    params = {"thread_id": thread_id, "item_id": ids[kind], "input": submission(item, None)}
    client = bob if kind == "foreign" else alice

    response = await client.post("threads.add_structured_input", params)

    assert response.status_code == (400 if kind == "message" else 404)
    assert (await alice.items(thread_id))[-1]["status"] == "pending"


async def test_an_answer_has_the_length_of_a_message_at_most(
    alice: ChatClient, model: ModelServer
) -> None:
    thread_id, item = await ask(alice, model)
    long = submission(item, "x" * 10_001)
    params = {"thread_id": thread_id, "item_id": item["id"], "input": long}
    response = await alice.post("threads.add_structured_input", params)
    assert response.status_code == 413


async def test_there_is_nothing_to_choose_between_fewer_than_two_tasks(
    alice: ChatClient, model: ModelServer
) -> None:
    await make_tasks(alice, "Call the dentist")
    (task,) = await alice.tasks()
    question = {"question": "Which?", "task_ids": [task["id"], "tsk_unknown"]}
    model.script([tool_calls(Call("ask_which_task", question)), text("It is this one.")])

    events = await alice.create("Complete the dentist one")

    assert done_items(events, "structured_input") == []
    assert text_of(events) == "It is this one."
