"""Whole conversations: what is called, in how many steps, and what is said."""

from typing import Any

import pytest
from chatkit.types import ImageAttachment
from pydantic import AnyUrl

from functions.chatkit.answer.files import as_parts
from tests.unit.demo_model.person import Person


@pytest.fixture
def person() -> Person:
    return Person()


def test_a_task_is_created_and_then_marked_done(person: Person) -> None:
    answer = person.says("Create a task to call mom tomorrow at 5pm")

    assert person.calls == [("create_task", {"title": "Call mom", "due_at": "2026-11-22T17:00:00"})]
    assert answer == "(Demo model) I added “Call mom”, due tomorrow at 17:00."

    answer = person.says("mark it done")

    assert person.calls == [("complete_task", {"task_id": "tsk_1", "completed": True})]
    assert answer == "I marked “Call mom” as done."


def test_two_tasks_are_created_at_once(person: Person) -> None:
    answer = person.says("create a task called buy groceries and one to call mom tomorrow at 5pm")

    assert [arguments["title"] for _, arguments in person.calls] == ["Buy groceries", "Call mom"]
    assert person.steps == 2
    assert "I added 2 tasks:\n1. “Buy groceries”\n2. “Call mom”, due tomorrow at 17:00" in answer


def test_a_task_not_mentioned_yet_is_looked_up_first(person: Person) -> None:
    person.has("Grocery shopping")
    person.has("Call mom")

    answer = person.says("complete the groceries task")

    assert person.calls == [
        ("list_tasks", {"query": "grocer"}),
        ("complete_task", {"task_id": "tsk_1", "completed": True}),
    ]
    assert person.steps == 3
    assert answer == "(Demo model) I marked “Grocery shopping” as done."


def test_a_task_that_does_not_exist_is_said_to_be_missing(person: Person) -> None:
    assert "no task called “taxes”" in person.says("delete the taxes task")
    assert [name for name, _ in person.calls] == ["list_tasks"]


@pytest.mark.parametrize(
    ("choice", "deleted"),
    [("Call the bank", ["tsk_2"]), ("the bank", ["tsk_2"]), ("neither", []), (None, [])],
)
def test_of_several_candidates_the_person_chooses_one(
    person: Person, choice: str | None, deleted: list[str]
) -> None:
    person.has("Call mom")
    person.has("Call the bank")
    person.chooses = choice

    said = person.says("delete the call one")

    assert person.calls[1][0] == "ask_which_task"
    assert person.calls[1][1]["task_ids"] == ["tsk_1", "tsk_2"]
    assert [call["task_id"] for name, call in person.calls if name == "delete_task"] == deleted
    assert ("I deleted “Call the bank”" if deleted else "I have changed nothing") in said


def test_beside_other_requests_candidates_are_asked_about_in_words(person: Person) -> None:
    person.has("Call mom")
    person.has("Call the bank")

    said = person.says("add buy milk and delete the call task")
    assert "Which one do you mean?\n1. “Call mom”\n2. “Call the bank”" in said
    person.says("delete the second one")

    assert person.calls == [("delete_task", {"task_id": "tsk_2"})]


def test_it_without_any_task_before_is_the_only_open_one(person: Person) -> None:
    person.has("Call mom")

    person.says("mark it done")

    assert [name for name, _ in person.calls] == ["list_tasks", "complete_task"]


def test_it_may_be_created_in_the_same_message(person: Person) -> None:
    person.has("Something old")

    answer = person.says("add a task to call mom and mark it done")

    assert person.calls[1] == ("complete_task", {"task_id": "tsk_2", "completed": True})
    assert "I added “Call mom”." in answer
    assert "I marked “Call mom” as done." in answer


def test_both_means_the_tasks_of_the_last_turn(person: Person) -> None:
    person.has("Older")
    person.says("add buy milk and call the bank")
    person.says("mark both done")

    assert [arguments["task_id"] for _, arguments in person.calls] == ["tsk_2", "tsk_3"]


def test_moving_keeps_the_time_or_the_day_that_is_not_mentioned(person: Person) -> None:
    person.says("Create a task to call mom tomorrow at 5pm")

    assert "is now due on Friday 27 November at 17:00" in person.says("move it to Friday")
    assert person.calls == [("update_task", {"task_id": "tsk_1", "due_at": "2026-11-27T17:00:00"})]
    person.says("change it to 6pm")
    assert person.calls[0][1]["due_at"] == "2026-11-27T18:00:00"
    person.says("postpone it by two days")
    assert person.calls[0][1]["due_at"] == "2026-11-29T18:00:00"
    assert person.says("remove the due date") == "“Call mom” has no due date any more."


def test_updates_of_one_task_are_one_call(person: Person) -> None:
    person.says("add buy milk")
    answer = person.says("make it high priority and move it to Friday at noon and tag it as home")

    assert person.calls == [
        (
            "update_task",
            {
                "task_id": "tsk_1",
                "priority": "high",
                "due_at": "2026-11-27T12:00:00",
                "tags": ["home"],
            },
        )
    ]
    assert answer == (
        "“Buy milk” is now due on Friday 27 November at 12:00 and now has high priority "
        "and is now tagged home."
    )


def test_tags_are_added_to_those_there_are(person: Person) -> None:
    person.says("add buy milk #home")
    person.says("add #shop to it")

    assert person.calls == [("update_task", {"task_id": "tsk_1", "tags": ["home", "shop"]})]


def test_a_task_is_renamed_reopened_and_deleted(person: Person) -> None:
    person.says("add buy milk")
    assert person.says("rename it to buy oat milk") == "The task is now called “Buy oat milk”."
    person.says("mark it done")
    assert person.says("reopen it") == "“Buy oat milk” is open again."
    assert person.says("delete it") == "I deleted “Buy oat milk”."
    assert person.tasks == {}


def test_the_list_is_told_with_what_matters(person: Person) -> None:
    person.has("Call mom", due_at="2026-11-21T17:00:00", priority="high")
    person.has("Buy milk", tags=["home"])
    person.has("Old", completed_at="2026-11-20T10:00:00+01:00")

    assert person.says("what's on my list?") == (
        "(Demo model) You have 2 open tasks:\n"
        "1. “Call mom”, due today at 17:00, high priority\n"
        "2. “Buy milk”, tagged home"
    )
    assert person.says("show high priority tasks").startswith("I found 1 open task:")
    assert person.says("find cheese") == "I found no such tasks."


def test_bulk_tools_ask_for_confirmation(person: Person) -> None:
    assert person.says("delete all tasks").endswith("There is nothing to delete.")
    person.has("Call mom")
    person.has("Buy milk")

    assert person.says("mark all as done") == (
        "This would complete 2 tasks. Please confirm it on the card."
    )
    assert person.calls == [("complete_all_tasks", {})]
    assert person.says("delete all tasks").startswith("This would delete 2 tasks.")


def test_many_tasks_are_never_changed_one_by_one(person: Person) -> None:
    for number in range(8):
        person.has(f"Task {number}")
    person.says("show my tasks")

    assert "Which one do you mean?" in person.says("delete them")
    assert [name for name, _ in person.calls] == ["list_tasks"]
    assert len(person.tasks) == 8


def test_an_error_of_a_tool_is_told(person: Person) -> None:
    person.says("add buy milk")
    person.tasks.clear()

    assert person.says("mark it done") == "That did not work: There is no such task."


def test_requests_of_different_kinds_are_done_together(person: Person) -> None:
    person.has("Call the bank")
    person.says("show my tasks")
    person.says("create a task to buy milk, then delete the bank task and show my list")

    assert [name for name, _ in person.calls] == ["create_task", "delete_task", "list_tasks"]


def test_only_the_first_answer_says_that_it_is_a_demo(person: Person) -> None:
    assert person.says("hello").startswith("(Demo model) Hello!")
    assert person.says("thanks") == "You are welcome!"
    assert "demo model" in person.says("Sing me a song")
    assert person.calls == []


def test_the_same_question_always_gets_the_same_answer() -> None:
    first, second = Person(), Person()

    assert first.says("add buy milk tomorrow") == second.says("add buy milk tomorrow")


def test_a_mentioned_task_is_known_by_its_id(person: Person) -> None:
    person.has("Call mom and dad")
    person.has("Call mom")
    # As the SDK words it: its own text has an "@" as well.
    preamble = "# User-provided context for @-mentions\n- The '@' form"
    context = f"{preamble}\n@Call mom is the task with task_id tsk_2"
    person.messages.append({"role": "user", "content": [{"type": "text", "text": context}]})

    person.says("Please mark @Call mom done")

    assert person.calls == [("complete_task", {"task_id": "tsk_2", "completed": True})]


def test_a_conversation_cut_short_and_notes_of_the_system_do_no_harm(person: Person) -> None:
    person.says("add buy milk")
    person.messages = [person.messages[0], *person.messages[2:]]
    person.messages.append(
        {"role": "user", "content": "<note>The person looked at the list</note>"}
    )

    person.says("mark it done")

    assert person.calls == [("complete_task", {"task_id": "tsk_1", "completed": True})]


def with_file(*words: str) -> list[dict[str, Any]]:
    """The parts of a message with a picture, as the chat function makes them."""
    attachment = ImageAttachment(
        id="atc_1", name="board.png", mime_type="image/png", preview_url=AnyUrl("attachment:atc_1")
    )
    return [
        *({"type": "text", "text": text} for text in words),
        *(
            {"type": "text", "text": part["text"]} if "text" in part else {"type": "image_url"}
            for part in as_parts(attachment, b"...")
        ),
    ]


def test_a_file_is_seen_and_the_words_beside_it_are_followed(person: Person) -> None:
    answer = person.says(with_file("Create a task to call mom"))
    assert person.calls == [("create_task", {"title": "Call mom"})]
    assert "board.png" in answer
    assert "I added “Call mom”" in answer


def test_a_file_without_words_is_seen(person: Person) -> None:
    answer = person.says(with_file())
    assert person.calls == []
    assert answer.startswith("(Demo model) I see that a file came (board.png)")
