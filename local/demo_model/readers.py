"""Turns a clause that matches a rule into an intent."""

import re

from local.demo_model.details import find_priority, read_tags
from local.demo_model.intents import Complete, Delete, Find, Intent, Update
from local.demo_model.moments import find_moment, find_shift
from local.demo_model.reading import (
    NOUN,
    Clause,
    read_create,
    read_find,
    read_one_or_all,
    undressed,
)

LEVEL = r"(?:highest|high|top|urgent|important|medium|normal|lowest|low)"
_ABOUT_TASKS = (
    rf"\b(?:{NOUN}|to do|list|due|overdue|next|plate|agenda|today|tonight|tomorrow|week|weekend|"
    r"(?:do|have|should|must|can) i|i (?:have|need|must|should)|#[\w-]+|tagged)\b"
)


def complete(found: re.Match[str], clause: Clause) -> Intent:
    return read_one_or_all(clause, found[1], Complete, "complete_all_tasks")


def delete(found: re.Match[str], clause: Clause) -> Intent:
    return read_one_or_all(clause, found[1], Delete, "delete_all_tasks")


def reopen(found: re.Match[str], clause: Clause) -> Intent:
    return Complete(clause.target(found[1]), completed=False)


def rename(found: re.Match[str], clause: Clause) -> Intent:
    return Update(clause.target(found[1]), {"title": clause.title(found[2])})


def move(found: re.Match[str], clause: Clause) -> Intent | None:
    target = clause.target(found[1])
    if shift := find_shift(found[2]):
        return Update(target, shift=shift)
    due, rest = find_moment(found[2], clause.now)
    if due is None or re.sub(r"\b(?:to|on|at|until|for|be|due)\b|\s", "", rest):
        return None
    return Update(target, due=due)


def clear_due(found: re.Match[str], clause: Clause) -> Intent:
    return Update(clause.target(found[1] or "it"), {"due_at": None})


def priority(found: re.Match[str], clause: Clause) -> Intent | None:
    priority, _ = find_priority(f"{found[2]} priority")
    return Update(clause.target(found[1]), {"priority": priority}) if priority else None


def raise_priority(found: re.Match[str], clause: Clause) -> Intent:
    level = "low" if found[1].lower() in {"lower", "decrease", "reduce"} else "high"
    return Update(clause.target(found[2]), {"priority": level})


def tag(found: re.Match[str], clause: Clause) -> Intent:
    return Update(clause.target(found["task"]), add_tags=tuple(read_tags(found["tags"])))


def clear_tags(found: re.Match[str], clause: Clause) -> Intent:
    return Update(clause.target(found[1]), {"tags": []})


def describe(found: re.Match[str], clause: Clause) -> Intent:
    description = clause.quotes.restore(found[2].strip(" :"))
    return Update(clause.target(found[1]), {"description": description})


def create(found: re.Match[str], clause: Clause) -> Intent | None:
    """A new task. Its priority may come before the noun, as in "an urgent task"."""
    before = found[0][: found.start(1)]
    level = re.search(rf"\b({LEVEL})[- ](?:priority )?{NOUN}", before, re.IGNORECASE)
    priority = f"{level[1]} priority " if level else ""
    return read_create(clause, f"{priority}{undressed(found[1])}")


def question(found: re.Match[str], clause: Clause) -> Intent | None:
    return read_find(clause, found[0]) if re.search(_ABOUT_TASKS, found[0], re.IGNORECASE) else None


def search(found: re.Match[str], clause: Clause) -> Intent:
    return Find({"query": clause.target(found[1]).title or found[1]})
