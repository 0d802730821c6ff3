"""Makes the tool calls for the person's intents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.demo_model.conversation import Task
from local.demo_model.intents import Change, Complete, Create, Delete, Intent, Update
from local.demo_model.matching import stem
from local.demo_model.moments import Moment


@dataclass(frozen=True)
class Call:
    """A tool call to make, with its intent. A lookup only finds out which task is meant."""

    name: str
    arguments: dict[str, Any]
    intent: Intent
    is_lookup: bool = False


def lookup(intent: Change) -> Call:
    """The call that finds out which task is meant."""
    arguments: dict[str, Any] = {}
    if intent.target.kind == "title":
        arguments["query"] = stem(max(intent.target.title.split(), key=len, default=""))
    elif isinstance(intent, Complete):
        arguments["completed"] = not intent.completed
    return Call("list_tasks", arguments, intent, is_lookup=True)


def create_call(intent: Create, now: datetime) -> Call:
    """The call that creates a task."""
    arguments: dict[str, Any] = {"title": intent.title, **intent.details}
    if intent.due is not None:
        arguments["due_at"] = _local(intent.due, now)
    return Call("create_task", arguments, intent)


def change_call(intent: Change, task: Task, now: datetime) -> Call:
    """The call that changes, completes or deletes a task."""
    task_id = {"task_id": task["id"]}
    match intent:
        case Complete(completed=completed):
            return Call("complete_task", task_id | {"completed": completed}, intent)
        case Delete():
            return Call("delete_task", task_id, intent)
        case Update():
            return Call("update_task", task_id | _changes(intent, task, now), intent)


def _changes(intent: Update, task: Task, now: datetime) -> dict[str, Any]:
    changes = dict(intent.changes)
    due_now = local_due(task, now)
    if intent.due is not None:
        changes["due_at"] = _local(intent.due, now, due_now)
    elif intent.shift is not None:
        changes["due_at"] = _iso((due_now or now.replace(tzinfo=None)) + intent.shift)
    if intent.add_tags:
        changes["tags"] = list(dict.fromkeys([*(task.get("tags") or []), *intent.add_tags]))
    return changes


def local_due(task: Task, now: datetime) -> datetime | None:
    """When the task is due, as a naive time in the person's time zone."""
    try:
        due = datetime.fromisoformat(task.get("due_at") or "")
    except ValueError:
        return None
    return due.astimezone(now.tzinfo).replace(tzinfo=None) if due.tzinfo else due


def _local(moment: Moment, now: datetime, base: datetime | None = None) -> str:
    return _iso(moment.resolve(now.replace(tzinfo=None), base))


def _iso(moment: datetime) -> str:
    return moment.isoformat("T", "seconds")
