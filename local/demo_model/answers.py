"""What the model says after the tool calls."""

from datetime import datetime
from typing import Any

from local.demo_model.calls import local_due
from local.demo_model.conversation import Conversation, Task, tasks_of
from local.demo_model.intents import Complete, Create, Find
from local.demo_model.moments import END_OF_DAY
from local.demo_model.plan import Outcome, Plan, Unclear

_MOST_LISTED = 20


def compose(plan: Plan, conversation: Conversation) -> str:
    """The text of the answer."""
    now = conversation.now
    created = [o for o in plan.outcomes if isinstance(o.call.intent, Create) and _worked(o)]
    sentences = [_created(created, now)] if created else []
    sentences += [_outcome(o, now) for o in plan.outcomes if o not in created]
    sentences += [_unclear(unclear, now) for unclear in plan.unclear]
    if conversation.files:
        names = ", ".join(conversation.files)
        seen = f"I see that a file came ({names}), but a demo cannot look into it."
        sentences = [seen, *sentences, plan.talk if conversation.question else ""]
    return "\n\n".join(filter(None, sentences)) or plan.talk or "All right."


def due_in_words(due: datetime, now: datetime) -> str:
    """ "tomorrow at 17:00", or just "tomorrow" for the end of a day. Both are local and naive."""
    days = (due.date() - now.date()).days
    if -1 <= days <= 1:
        day = ("yesterday", "today", "tomorrow")[days + 1]
    else:
        year = "" if due.year == now.year else f" {due.year}"
        day = f"on {due:%A} {due.day} {due:%B}{year}"
    return day if due.time() == END_OF_DAY else f"{day} at {due:%H:%M}"


def _worked(outcome: Outcome) -> bool:
    return not outcome.result.result.get("error")


def _task_of(outcome: Outcome) -> Task:
    return next(iter(tasks_of(outcome.result)), {})


def _created(outcomes: list[Outcome], now: datetime) -> str:
    tasks = [{**o.call.arguments, **_task_of(o)} for o in outcomes]
    if len(tasks) == 1:
        return f"I added {_described(tasks[0], now)}."
    return f"I added {len(tasks)} tasks:\n{_numbered(tasks, now)}"


def _outcome(outcome: Outcome, now: datetime) -> str:
    result = outcome.result.result
    if not _worked(outcome):
        return f"That did not work: {str(result['error']).rstrip('.')}."
    match outcome.call.name:
        case "list_tasks":
            return _listed(outcome, now)
        case "complete_all_tasks" | "delete_all_tasks":
            return _bulk(outcome.call.name, result)
        case "delete_task":
            return f"I deleted “{result.get('deleted') or _task_of(outcome).get('title')}”."
        case "complete_task":
            title = f"“{_task_of(outcome).get('title', 'The task')}”"
            is_done = isinstance(outcome.call.intent, Complete) and outcome.call.intent.completed
            return f"I marked {title} as done." if is_done else f"{title} is open again."
        case _:
            return _updated(outcome, now)


def _listed(outcome: Outcome, now: datetime) -> str:
    tasks = tasks_of(outcome.result)
    filters = outcome.call.arguments if isinstance(outcome.call.intent, Find) else {}
    plain = filters == {"completed": False}
    if not tasks:
        return "There is nothing on your list." if plain else "I found no such tasks."
    kind = {True: "done ", False: "open "}.get(filters.get("completed", ""), "")
    more = "\nThere are more than these." if outcome.result.result.get("has_more") else ""
    count = f"{len(tasks)} {kind}{'task' if len(tasks) == 1 else 'tasks'}"
    begin = f"You have {count}" if plain else f"I found {count}"
    return f"{begin}:\n{_numbered(tasks[:_MOST_LISTED], now)}{more}"


def _bulk(tool: str, result: dict[str, Any]) -> str:
    verb = "complete" if tool == "complete_all_tasks" else "delete"
    count = result.get("count", len(result.get("tasks") or ()))
    if not count:
        return f"There is nothing to {verb}."
    tasks = "1 task" if count == 1 else f"{count} tasks"
    return f"This would {verb} {tasks}. Please confirm it on the card."


def _updated(outcome: Outcome, now: datetime) -> str:
    changes = outcome.call.arguments
    task = {**changes, **_task_of(outcome)}
    parts = []
    if "title" in changes:
        parts.append(f"is now called “{task['title']}”")
    if "due_at" in changes:
        due = local_due(task, now)
        when = due_in_words(due, now.replace(tzinfo=None)) if due else ""
        parts.append(f"is now due {when}" if due else "has no due date any more")
    if "priority" in changes:
        parts.append(f"now has {task['priority']} priority")
    if "tags" in changes:
        tags = ", ".join(task["tags"])
        parts.append(f"is now tagged {tags}" if tags else "has no tags any more")
    if "description" in changes:
        parts.append("has a new description")
    name = "The task" if "title" in changes else f"“{task.get('title', 'The task')}”"
    return f"{name} {' and '.join(parts) or 'is unchanged'}."


def _unclear(unclear: Unclear, now: datetime) -> str:
    if unclear.candidates:
        return f"Which one do you mean?\n{_numbered(unclear.candidates[:_MOST_LISTED], now)}"
    if unclear.target.kind == "title":
        return f"I found no task called “{unclear.target.title}”."
    return "I do not know which task you mean."


def _numbered(tasks: list[Task], now: datetime) -> str:
    return "\n".join(f"{i}. {_described(task, now)}" for i, task in enumerate(tasks, 1))


def _described(task: Task, now: datetime) -> str:
    parts = [f"“{task.get('title', '')}”"]
    if due := local_due(task, now):
        parts.append(f"due {due_in_words(due, now.replace(tzinfo=None))}")
    if task.get("priority") in {"high", "low"}:
        parts.append(f"{task['priority']} priority")
    if tags := task.get("tags"):
        parts.append(f"tagged {', '.join(tags)}")
    if task.get("completed_at"):
        parts.append("done")
    return ", ".join(parts)
