"""Change on a task's card: a form in the card, saved, closed, or told what is wrong."""

from typing import Any

import pytest

from tests.support.answers import reading, say
from tests.support.chat import ChatClient, actions_in, done_items, thread_of
from tests.support.model_server import Call, ModelServer, hang, text, tool_calls

type Card = tuple[str, str, dict[str, Any]]
"""A thread, its card's item, and the widget."""


async def made(alice: ChatClient, model: ModelServer, **task: Any) -> Card:
    """The card of a task that the assistant has made."""
    model.script([tool_calls(Call("create_task", {"title": "Milk", **task})), text("Added.")])
    events = await alice.create("Add milk")
    (card,) = done_items(events, "widget")
    return thread_of(events), card["id"], card["widget"]


async def click(alice: ChatClient, card: Card, action: dict[str, Any]) -> Card:
    """Click as the element does: the card as it is then, and as it stays after a reload."""
    thread_id, item_id, _ = card
    params = {"thread_id": thread_id, "item_id": item_id, "action": action}
    response = await alice.post("threads.sync_custom_action", params)
    assert response.status_code == 200, response.text
    widget = response.json()["updated_item"]["widget"]
    (kept,) = [i["widget"] for i in await alice.items(thread_id) if i["id"] == item_id]
    assert kept == widget
    return thread_id, item_id, widget


async def change(alice: ChatClient, card: Card) -> Card:
    return await click(alice, card, actions_in(card[2])["Change"])


async def save(alice: ChatClient, card: Card, **typed: str) -> Card:
    """Submit the form: the values of its fields join the action's payload by their names."""
    (form,) = parts(card[2], "Form")
    action = form["onSubmitAction"]
    payload = {**action["payload"], **fields(card[2]), **typed}
    return await click(alice, card, {**action, "payload": payload})


def parts(widget: Any, kind: str) -> list[dict[str, Any]]:
    """The components of a type, anywhere in the widget."""
    if isinstance(widget, list):
        return [found for part in widget for found in parts(part, kind)]
    own = [widget] if widget["type"] == kind else []
    return own + parts(widget.get("children") or [], kind)


def fields(widget: Any) -> dict[str, str]:
    """The values of the form's fields as they are before anything is typed."""
    inputs = [*parts(widget, "Input"), *parts(widget, "Select"), *parts(widget, "DatePicker")]
    return {part["name"]: part.get("defaultValue", "") for part in inputs}


def problems(widget: Any) -> list[str]:
    return [part["value"] for part in parts(widget, "Caption") if part.get("color") == "danger"]


async def test_change_opens_a_form_with_the_task_in_the_persons_zone(
    alice: ChatClient, model: ModelServer
) -> None:
    card = await made(alice, model, due_at="2030-05-31T17:00", priority="high")

    form = await change(alice, card)

    assert fields(form[2]) == {
        "title": "Milk",
        "due_date": "2030-05-31T00:00:00",
        "due_time": "17:00",
        "priority": "high",
    }
    assert {part["fieldName"] for part in parts(form[2], "Label")} == fields(form[2]).keys()
    (submit,) = [part for part in parts(form[2], "Button") if part.get("submit")]
    assert submit["label"] == "Save"


async def test_save_changes_the_task_and_tells_the_model(
    alice: ChatClient, model: ModelServer
) -> None:
    form = await change(alice, await made(alice, model))
    # ChatKit's date picker submits the start of the day where the browser is.
    picked = "2030-05-31T00:00:00.000+09:00"

    saved = await save(
        alice, form, title=" Oat milk ", due_date=picked, due_time="5:30 pm", priority="low"
    )

    (task,) = await alice.tasks()
    assert (task["title"], task["priority"]) == ("Oat milk", "low")
    assert task["due_at"] == "2030-05-31T15:30:00Z"
    assert set(actions_in(saved[2])) == {"Complete", "Change", "Undo"}
    model.script([text("Yes.")])
    await alice.say(saved[0], "Did I change it?")
    told = str(model.requests[-1].json["messages"])
    assert 'The person changed the task "Oat milk"' in told
    assert "2030-05-31T17:30+02:00" in told

    undone = await click(alice, saved, actions_in(saved[2])["Undo"])

    (task,) = await alice.tasks()
    assert (task["title"], task["priority"], task["due_at"]) == ("Milk", "medium", None)
    assert "Change" in actions_in(undone[2])


async def test_cancel_shows_the_card_again_with_its_undo(
    alice: ChatClient, model: ModelServer
) -> None:
    card = await made(alice, model)
    form = await change(alice, card)

    closed = await click(alice, form, actions_in(form[2])["Cancel"])

    assert closed[2] == card[2]
    await click(alice, closed, actions_in(closed[2])["Undo"])
    assert await alice.tasks() == []


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"title": " "}, "must not be empty"),
        ({"title": "x" * 256}, "at most 255 characters"),
        ({"due_date": "2030-05-31", "due_time": "soon"}, "such as 17:00"),
        ({"due_date": "2030-05-31", "due_time": "24:00"}, "such as 17:00"),
        ({"due_time": "17:00"}, "needs a date"),
        ({"due_date": "2030-02-30"}, "not a time that exists"),
        ({"priority": "urgent"}, "must be low, medium or high"),
    ],
)
async def test_a_bad_value_is_told_in_the_card_which_keeps_what_was_typed(
    alice: ChatClient, model: ModelServer, typed: dict[str, str], problem: str
) -> None:
    form = await change(alice, await made(alice, model))

    told = await save(alice, form, **typed)

    assert [line for line in problems(told[2]) if problem in line]
    shown = fields(told[2])
    assert all(shown[name].startswith(value.strip()) for name, value in typed.items())
    assert [task["title"] for task in await alice.tasks()] == ["Milk"]

    mended = await save(
        alice, told, title="Bread", due_date="2030-05-31", due_time="", priority="high"
    )

    assert "Change" in actions_in(mended[2])
    (task,) = await alice.tasks()
    assert (task["title"], task["priority"]) == ("Bread", "high")
    assert task["due_at"] == "2030-05-31T21:59:00Z"  # a date alone is its end


async def test_saving_again_changes_nothing_more(alice: ChatClient, model: ModelServer) -> None:
    form = await change(alice, await made(alice, model))
    saved = await save(alice, form, title="Bread")
    (before,) = await alice.tasks()

    again = await save(alice, form, title="Bread")

    assert await alice.tasks() == [before]
    assert "Change" in actions_in(again[2])
    assert "Change" in actions_in(saved[2])


async def test_only_what_the_person_changed_is_saved(alice: ChatClient, model: ModelServer) -> None:
    card = await made(alice, model, due_at="2030-05-31T17:00:30")
    form = await change(alice, card)
    (task,) = await alice.tasks()
    await alice.http.patch(f"/api/tasks/{task['id']}", json={"priority": "high"})

    await save(alice, form, title="Oat milk")

    (after,) = await alice.tasks()
    assert (after["title"], after["priority"]) == ("Oat milk", "high")
    assert after["due_at"] == task["due_at"]


async def test_a_cleared_date_takes_the_due_time_away(
    alice: ChatClient, model: ModelServer
) -> None:
    form = await change(alice, await made(alice, model, due_at="2030-05-31T17:00"))

    await save(alice, form, due_date="", due_time="")

    assert [task["due_at"] for task in await alice.tasks()] == [None]


async def test_the_form_works_while_an_answer_runs_and_in_the_streaming_form(
    alice: ChatClient, model: ModelServer
) -> None:
    card = await made(alice, model)
    model.script([hang()])
    async with reading(alice, *say(card[0], "Hello?")) as answer:
        await answer.until("Hello?")
        form = await change(alice, card)
        await save(alice, form, title="Bread")
        assert [task["title"] for task in await alice.tasks()] == ["Bread"]
        streamed = await alice.act(card[0], card[1], "task.edit", {"task_id": form_task(form)})
        assert "onSubmitAction" in streamed.text
        assert "tasks.changed" not in streamed.text
        await alice.http.delete(f"/api/threads/{card[0]}/run")
        await answer.to_the_end()


def form_task(form: Card) -> str:
    (part,) = parts(form[2], "Form")
    return str(part["onSubmitAction"]["payload"]["task_id"])
