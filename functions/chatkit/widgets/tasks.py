"""The widgets that show tasks, and the form that changes one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from functions.chatkit.formatting import due_in_words
from functions.chatkit.widgets.templates import Widget, build
from taskchat.clock import utc_now
from taskchat.tasks import Task

_MAX_SHOWN = 500


def task_card(
    task: Task, timezone: ZoneInfo, *, change_id: str | None, deleted: bool = False
) -> Widget:
    """One task with its buttons, with Undo if `change_id` is set."""
    return build(
        "task_card",
        task=task_data(task, timezone, deleted=deleted),
        change_id=change_id,
        deleted=deleted,
    )


def task_list(tasks: Sequence[Task], timezone: ZoneInfo) -> Widget:
    """A list of tasks, each with a button that completes or reopens it.

    A row's `key` is the id of its task, so that the list can be built again from what it shows.
    """
    return build("task_list", tasks=[task_data(task, timezone) for task in tasks])


@dataclass(frozen=True, kw_only=True)
class TaskFields:
    """The form's fields as text, in the person's time zone: a date as 2030-05-31, a time as 17:00.

    Without a due time both are empty.
    """

    title: str
    due_date: str
    due_time: str
    priority: str

    @classmethod
    def of(cls, task: Task, timezone: ZoneInfo) -> "TaskFields":
        """The initial values of a task's form."""
        due = task.due_at.astimezone(timezone) if task.due_at else None
        return cls(
            title=task.title,
            due_date=f"{due:%Y-%m-%d}" if due else "",
            due_time=f"{due:%H:%M}" if due else "",
            priority=task.priority,
        )

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "TaskFields":
        """From the payload of an action. ChatKit's date picker sends a time with an offset."""

        def text(name: str) -> str:
            value = values.get(name)
            return value.strip()[:_MAX_SHOWN] if isinstance(value, str) else ""

        return cls(
            title=text("title"),
            due_date=text("due_date").partition("T")[0],
            due_time=text("due_time"),
            priority=text("priority"),
        )


def task_form(
    task_id: str,
    fields: TaskFields,
    was: TaskFields,
    *,
    change_id: str | None,
    problems: Mapping[str, str] | None = None,
) -> Widget:
    """The form that replaces a task's card.

    `was` are the initial values of the form: only what the person changes is saved. `problems` are
    shown below the fields that they name.
    """
    return build(
        "task_form",
        task_id=task_id,
        fields=asdict(fields),
        was=asdict(was),
        change_id=change_id,
        problems=dict.fromkeys(asdict(fields), "") | dict(problems or {}),
    )


def task_data(task: Task, timezone: ZoneInfo, *, deleted: bool = False) -> dict[str, Any]:
    """A task as the templates need it."""
    done = task.completed_at is not None
    return {
        "id": task.id,
        "title": task.title,
        "icon": "page-blank" if deleted else "check-circle-filled" if done else "empty-circle",
        "color": "success" if done else "secondary",
        "struck": done or deleted,
        "completed": done,
        "facts": " · ".join(_facts(task, timezone, deleted=deleted)),
    }


def _facts(task: Task, timezone: ZoneInfo, *, deleted: bool) -> list[str]:
    facts = ["Deleted"] if deleted else []
    if task.due_at:
        overdue = task.completed_at is None and task.due_at < utc_now() and not deleted
        words = due_in_words(task.due_at, timezone)
        facts.append(f"Overdue: {words}" if overdue else f"Due {words}")
    if task.priority != "medium":
        facts.append(f"{task.priority.capitalize()} priority")
    return facts + [f"#{tag}" for tag in task.tags]
