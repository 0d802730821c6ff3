"""Complete and reopen a task, and undo a change."""

from functions.chatkit.actions.click import Click, Effect
from functions.chatkit.formatting import as_data, counted
from functions.chatkit.widgets import notice_card, task_card, task_ids, task_list, undo_id
from taskchat import tasks
from taskchat.limits import require_task_count
from taskchat.tasks import BY_PERSON, AlreadyUndoneError


async def complete(click: Click) -> Effect:
    """Complete the task."""
    return await _set_completed(click, True)


async def reopen(click: Click) -> Effect:
    """Reopen the task."""
    return await _set_completed(click, False)


async def _set_completed(click: Click, completed: bool) -> Effect:
    changed = await tasks.complete_task(
        click.connection, click.user_id, click.id("task_id"), completed, origin=BY_PERSON
    )
    (task,) = changed.tasks
    verb = "completed" if completed else "reopened"
    note = f"The person {verb} the task {as_data(task.title)} ({task.id})."
    note_once = note if changed.change_id else None
    shown = click.shown or {}
    if listed := task_ids(shown):
        rows = await tasks.get_tasks(click.connection, click.user_id, listed)
        return Effect(widget=task_list(rows, click.timezone), note=note_once)
    # A second click changes nothing, so the card keeps the Undo of the first.
    change_id = changed.change_id or undo_id(shown)
    card = task_card(task, click.timezone, change_id=change_id)
    return Effect(widget=card, note=note_once)


async def undo(click: Click) -> Effect:
    """Restore the tasks of a change to what they were before it."""
    change_id = click.id("change_id")
    try:
        restored = await tasks.undo_change(click.connection, click.user_id, change_id)
    except AlreadyUndoneError:
        return Effect(widget=notice_card("Undone."))
    await require_task_count(click.connection, click.user_id, click.limits)
    if len(restored) == 1:
        (task,) = restored
        card = task_card(task, click.timezone, change_id=None)
        return Effect(widget=card, note=f"The person undid a change of {as_data(task.title)}.")
    text = f"Undone: {counted(restored)} restored." if restored else "Undone: the task is gone."
    return Effect(widget=notice_card(text), note=f"The person undid a change. {text}")
