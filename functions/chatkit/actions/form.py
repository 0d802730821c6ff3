"""The form in a task's card: opened by Change, saved or closed."""

import re
from contextlib import suppress
from datetime import time
from time import strptime
from typing import Any
from zoneinfo import ZoneInfo

from functions.chatkit.actions.click import Click, Effect
from functions.chatkit.formatting import as_data
from functions.chatkit.widgets import TaskFields, task_card, task_form
from taskchat import tasks
from taskchat.errors import InvalidFieldsError
from taskchat.tasks import BY_PERSON, Task, TaskPatch, validate


async def edit(click: Click) -> Effect:
    """Open the form, with the task as it is now."""
    task = await tasks.get_task(click.connection, click.user_id, click.id("task_id"))
    fields = TaskFields.of(task, click.timezone)
    form = task_form(task.id, fields, fields, change_id=click.optional_id("change_id"))
    return Effect(widget=form, changed=False)


async def show(click: Click) -> Effect:
    """Close the form: show the card again, with the task as it is now."""
    task = await tasks.get_task(click.connection, click.user_id, click.id("task_id"))
    card = task_card(task, click.timezone, change_id=click.optional_id("change_id"))
    return Effect(widget=card, changed=False)


async def save(click: Click) -> Effect:
    """Save what the person changed in the form, or show in the form what is wrong."""
    task_id, change_id = click.id("task_id"), click.optional_id("change_id")
    fields = TaskFields.read(click.payload)
    shown_at_first = click.payload.get("was")
    was = TaskFields.read(shown_at_first if isinstance(shown_at_first, dict) else {})
    try:
        patch = _patch(fields, was, click.timezone)
    except InvalidFieldsError as error:
        await tasks.get_task(click.connection, click.user_id, task_id)  # theirs, and still there
        form = task_form(task_id, fields, was, change_id=change_id, problems=error.fields)
        return Effect(widget=form, changed=False)
    changed = await tasks.update_task(
        click.connection, click.user_id, task_id, patch, origin=BY_PERSON
    )
    (task,) = changed.tasks
    card = task_card(task, click.timezone, change_id=changed.change_id or change_id)
    note = _note(task, patch, click.timezone) if changed.change_id else None
    return Effect(widget=card, note=note, changed=changed.change_id is not None)


def _patch(fields: TaskFields, was: TaskFields, timezone: ZoneInfo) -> TaskPatch:
    """The changes to the task. Raises `InvalidFieldsError` with the names of the form's fields."""
    values: dict[str, Any] = {}
    if fields.title != was.title:
        values["title"] = fields.title
    if fields.priority != was.priority:
        values["priority"] = fields.priority
    if (fields.due_date, fields.due_time) != (was.due_date, was.due_time):
        values["due_at"] = _due(fields)
    try:
        return validate(TaskPatch, values, timezone)
    except InvalidFieldsError as error:
        names = {"due_at": "due_date"}
        problems = {names.get(name, name): problem for name, problem in error.fields.items()}
        raise InvalidFieldsError(problems) from None


def _due(fields: TaskFields) -> str | None:
    """The due time as a person writes it, without an offset."""
    if not fields.due_date:
        if fields.due_time:
            raise InvalidFieldsError({"due_date": "A time needs a date."})
        return None
    if not fields.due_time:
        return fields.due_date
    return f"{fields.due_date}T{parse_clock_time(fields.due_time):%H:%M}"


def parse_clock_time(text: str) -> time:
    """Parse a time such as 17:00, 5pm or 5:30 p.m. Raises `InvalidFieldsError`."""
    compact = re.sub(r"[\s.]", "", text)
    for form in ("%H:%M", "%I:%M%p", "%I%p"):
        with suppress(ValueError):
            parsed = strptime(compact, form)
            return time(parsed.tm_hour, parsed.tm_min)
    raise InvalidFieldsError({"due_time": "Give a time such as 17:00 or 5pm."})


def _note(task: Task, patch: TaskPatch, timezone: ZoneInfo) -> str:
    due = task.due_at.astimezone(timezone).isoformat(timespec="minutes") if task.due_at else None
    now = {"title": as_data(task.title), "due_at": due or "not set", "priority": task.priority}
    changes = ", ".join(
        f"{name} is now {now[name]}" for name in now if name in patch.model_fields_set
    )
    return f"The person changed the task {as_data(task.title)} ({task.id}): {changes}."
