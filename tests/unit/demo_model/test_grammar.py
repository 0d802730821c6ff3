"""Utterances and what they mean, on Saturday 21 November 2026 at 11:42."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.demo_model.grammar import understand
from local.demo_model.intents import (
    Bulk,
    Complete,
    Create,
    Delete,
    Find,
    Intent,
    Talk,
    Target,
    Update,
)
from local.demo_model.moments import Moment

NOW = datetime(2026, 11, 21, 11, 42)
TOMORROW = date(2026, 11, 22)
MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 11, 27)
type Utterances = dict[str, list[Intent]]

IT = Target("last")
OPEN = {"completed": False}


def named(title: str) -> Target:
    return Target("title", title)


def new(title: str, due: Moment | None = None, **details: object) -> Create:
    return Create(title, details, due)


def at(day: date | None, hour: int | None = None, minute: int = 0) -> Moment:
    return Moment(day, None if hour is None else time(hour, minute))


def due_between(first: str, end: str) -> dict[str, object]:
    return {"due_after": f"{first}T00:00:00", "due_before": f"{end}T00:00:00", **OPEN}


TODAY_ONLY = due_between("2026-11-21", "2026-11-22")
TOMORROW_ONLY = due_between("2026-11-22", "2026-11-23")

CREATES: Utterances = {
    "Create a task to call mom tomorrow at 5pm": [new("Call mom", at(TOMORROW, 17))],
    "Please add a task to buy milk.": [new("Buy milk")],
    "Hi! Add a task to buy milk": [new("Buy milk")],
    "Could you add call mom to my list?": [new("Call mom")],
    "add buy milk and call the bank": [new("Buy milk"), new("Call the bank")],
    "Add bread and butter": [new("Bread and butter")],
    "add milk, eggs and bread to my list": [new("Milk"), new("Eggs"), new("Bread")],
    "create a task called buy groceries and one to call mom tomorrow at 5pm": [
        new("Buy groceries"),
        new("Call mom", at(TOMORROW, 17)),
    ],
    "add call the bank tomorrow at 9am and buy milk on Monday": [
        new("Call the bank", at(TOMORROW, 9)),
        new("Buy milk", at(MONDAY)),
    ],
    "create three tasks: a, b and c": [new("A"), new("B"), new("C")],
    "Add these tasks:\n- buy milk\n2. call mom": [new("Buy milk"), new("Call mom")],
    'create task "Buy milk, eggs and bread" due today': [
        new("Buy milk, eggs and bread", at(NOW.date()))
    ],
    "add an urgent task to pay rent": [new("Pay rent", priority="high")],
    "create a low priority task to clean the garage #home": [
        new("Clean the garage", priority="low", tags=["home"])
    ],
    "Add a high priority task: file taxes by Friday, tagged work and money": [
        new("File taxes", at(FRIDAY), priority="high", tags=["work", "money"])
    ],
    "create a task to read a book tonight with high priority tagged fun": [
        new("Read a book", at(NOW.date(), 20), priority="high", tags=["fun"])
    ],
    "Create a task to write the report with description cover the third quarter": [
        new("Write the report", description="cover the third quarter")
    ],
    "Remind me to water the plants in 2 hours": [new("Water the plants", at(NOW.date(), 13, 42))],
    "remind me tomorrow at noon to pay the invoice": [new("Pay the invoice", at(TOMORROW, 12))],
    "I need to renew my passport on 2026-12-24 at 18:00": [
        new("Renew my passport", at(date(2026, 12, 24), 18))
    ],
    "I have to call the dentist next Monday at 9": [new("Call the dentist", at(MONDAY, 9))],
    "schedule a meeting with Anna on Thursday at 14:00": [
        new("Meeting with Anna", at(date(2026, 11, 26), 14))
    ],
    "buy milk at noon": [new("Buy milk", at(None, 12))],
    'Create a high-priority task "Finish report" due Friday at 3pm tagged work': [
        new("Finish report", at(FRIDAY, 15), priority="high", tags=["work"])
    ],
    "Create a task buy milk with priority high and tags shopping, home due tomorrow 5pm": [
        new("Buy milk", at(TOMORROW, 17), priority="high", tags=["shopping", "home"])
    ],
    "create 2 tasks: one to buy milk and one to call mom": [new("Buy milk"), new("Call mom")],
    "Create two tasks, one called A and another called B": [new("A"), new("B")],
    "Add a task: Buy groceries. Also remind me to call the dentist on Monday.": [
        new("Buy groceries"),
        new("Call the dentist", at(MONDAY)),
    ],
    "Create three tasks: Buy milk, Call mom tomorrow at 5pm, and Pay rent on Friday": [
        new("Buy milk"),
        new("Call mom", at(TOMORROW, 17)),
        new("Pay rent", at(FRIDAY)),
    ],
    "new task: wash the car": [new("Wash the car")],
    "create a task to mark the exams": [new("Mark the exams")],
    "Create a task to delete old photos": [new("Delete old photos")],
    "Add a task to email Tom and Anna on 3 December at 10am": [
        new("Email Tom and Anna", at(date(2026, 12, 3), 10))
    ],
}
FINDS: Utterances = {
    "what's on my list?": [Find(OPEN)],
    "What\u2019s on my list": [Find(OPEN)],
    "list my open tasks": [Find(OPEN)],
    "show all tasks": [Find({})],
    "list completed tasks": [Find({"completed": True})],
    "show high priority tasks": [Find({"priority": "high", **OPEN})],
    "show me everything tagged work": [Find({"tag": "work", **OPEN})],
    "show my work tasks": [Find({"query": "work"})],
    "find milk": [Find({"query": "milk"})],
    "what is due this week": [Find(due_between("2026-11-16", "2026-11-23"))],
    "show tasks due next week": [Find(due_between("2026-11-23", "2026-11-30"))],
    "What is due today?": [Find(TODAY_ONLY)],
    "what tasks do I have for tomorrow?": [Find(TOMORROW_ONLY)],
    "what's overdue?": [Find({"due_before": "2026-11-21T11:42:00", **OPEN})],
    "how many tasks do I have": [Find(OPEN)],
}
CHANGES: Utterances = {
    "mark it done": [Complete(IT)],
    "Done!": [Complete(IT)],
    "it's done": [Complete(IT)],
    "Mark call mom done": [Complete(named("call mom"))],
    "mark the task to call mom as complete": [Complete(named("call mom"))],
    "complete the groceries task": [Complete(named("groceries"))],
    "I finished the report": [Complete(named("report"))],
    "check off buy milk and pay rent": [Complete(named("buy milk")), Complete(named("pay rent"))],
    "Could you please mark the first one done?": [Complete(Target("place", place=1))],
    "mark both done": [Complete(Target("several"))],
    "reopen it": [Complete(IT, completed=False)],
    "mark it as not done": [Complete(IT, completed=False)],
    "rename it to buy oat milk": [Update(IT, {"title": "Buy oat milk"})],
    "rename call mom to Call dad": [Update(named("call mom"), {"title": "Call dad"})],
    "move it to Friday": [Update(IT, due=at(FRIDAY))],
    "Move the milk task to tomorrow at 6pm": [Update(named("milk"), due=at(TOMORROW, 18))],
    "postpone it by two days": [Update(IT, shift=timedelta(days=2))],
    "make it due tomorrow": [Update(IT, due=at(TOMORROW))],
    "remove the due date": [Update(IT, {"due_at": None})],
    "make it high priority": [Update(IT, {"priority": "high"})],
    "give it high priority": [Update(IT, {"priority": "high"})],
    "change its priority to low": [Update(IT, {"priority": "low"})],
    "set the due date to tomorrow": [Update(IT, due=at(TOMORROW))],
    "Change the due date of call mom to Friday": [Update(named("call mom"), due=at(FRIDAY))],
    "update call mom to be due on Monday at 10": [Update(named("call mom"), due=at(MONDAY, 10))],
    "Update the priority of buy milk to high": [Update(named("buy milk"), {"priority": "high"})],
    "give it the tag home": [Update(IT, add_tags=("home",))],
    "it's urgent": [Update(IT, {"priority": "high"})],
    "set the priority of call mom to low": [Update(named("call mom"), {"priority": "low"})],
    "tag it with home and garden": [Update(IT, add_tags=("home", "garden"))],
    "add #work to the report task": [Update(named("report"), add_tags=("work",))],
    "Add a note to it: ask for the receipt": [Update(IT, {"description": "ask for the receipt"})],
    "delete it": [Delete(IT)],
    "delete the milk task": [Delete(named("milk"))],
    "Remove call mom from my list": [Delete(named("call mom"))],
    "delete number 2": [Delete(Target("place", place=2))],
}
BULKS: Utterances = {
    "delete all tasks": [Bulk("delete_all_tasks")],
    "clear my list": [Bulk("delete_all_tasks")],
    "delete completed tasks": [Bulk("delete_all_tasks", {"completed": True})],
    "delete everything tagged work": [Bulk("delete_all_tasks", {"tag": "work"})],
    "mark all as done": [Bulk("complete_all_tasks")],
    "complete everything": [Bulk("complete_all_tasks")],
    "complete all high priority tasks": [Bulk("complete_all_tasks", {"priority": "high"})],
}
TOGETHER: Utterances = {
    "add a task to call mom and mark it done": [new("Call mom"), Complete(IT)],
    "create a task to buy milk, then delete the bank task and show my list": [
        new("Buy milk"),
        Delete(named("bank")),
        Find(OPEN),
    ],
}
WORDS = sorted(
    {word for group in (CREATES, FINDS, CHANGES, BULKS) for text in group for word in text.split()}
    | {"⟦0⟧", "999", "25:99", "31 of february", "2026-13-45", "12.13.", "0000-00-00", "“", '"', "#"}
)
UTTERANCES: Utterances = {**CREATES, **FINDS, **CHANGES, **BULKS, **TOGETHER}


@pytest.mark.parametrize("text", UTTERANCES)
def test_it_is_understood(text: str) -> None:
    assert understand(text, NOW) == UTTERANCES[text]


@pytest.mark.parametrize(
    "text",
    ["help", "Thanks!", "hello", "What is the weather like?", "lorem ipsum", "", "?!", "⟦7⟧"],
)
def test_anything_else_is_answered_with_words(text: str) -> None:
    assert all(isinstance(intent, Talk) for intent in understand(text, NOW))


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=12))
def test_no_message_is_too_odd(words: list[str]) -> None:
    for intent in understand(" ".join(words), NOW):
        if isinstance(intent, Create | Update) and intent.due is not None:
            assert intent.due.resolve(NOW).isoformat()


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("at 5", "2026-11-21T17:00:00"),
        ("at 9am", "2026-11-22T09:00:00"),
        ("today at 9am", "2026-11-21T09:00:00"),
        ("on Saturday", "2026-11-28T23:59:00"),
        ("this Saturday", "2026-11-21T23:59:00"),
        ("next Friday at 2:30 pm", "2026-11-27T14:30:00"),
        ("on the 1st", "2026-12-01T23:59:00"),
        ("on December 24th at noon", "2026-12-24T12:00:00"),
        ("on 3 March", "2027-03-03T23:59:00"),
        ("on 24.12.2027 at 6 pm", "2027-12-24T18:00:00"),
        ("in half an hour", "2026-11-21T12:12:00"),
        ("in three days at 10:15", "2026-11-24T10:15:00"),
        ("the day after tomorrow in the evening", "2026-11-23T19:00:00"),
        ("by the end of the month", "2026-11-30T23:59:00"),
        ("this weekend", "2026-11-21T23:59:00"),
    ],
)
def test_a_due_time_is_read(text: str, due: str) -> None:
    [intent] = understand(f"add a task to rest {text}", NOW)

    assert isinstance(intent, Create)
    assert intent.title == "Rest"
    assert intent.due is not None
    assert intent.due.resolve(NOW).isoformat() == due
