"""Carries out a click in one transaction, from locking its widget to replacing it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from chatkit.actions import Action
from chatkit.types import HiddenContextItem, WidgetItem

from functions.chatkit.actions import bulk, form, tasks
from functions.chatkit.actions.click import Click, Effect
from functions.chatkit.actions.names import ActionName
from functions.chatkit.widgets import with_notice
from taskchat.clock import utc_now
from taskchat.context import RequestContext
from taskchat.database import Connection, Database
from taskchat.errors import BadRequestError, ConflictError
from taskchat.identifiers import new_id
from taskchat.limits import count_change
from taskchat.settings import LimitSettings
from taskchat.threads.items import append_item, load_locked_item, require_thread
from taskchat.threads.repository import trim_hidden_items
from taskchat.users import ensure_user

MOST_HIDDEN_ITEMS = 1_000
"""How many hidden items a thread keeps. Clicks add to them; an answer reads far fewer."""

_ACTIONS: dict[str, Callable[[Click], Awaitable[Effect]]] = {
    ActionName.COMPLETE_TASK: tasks.complete,
    ActionName.REOPEN_TASK: tasks.reopen,
    ActionName.EDIT_TASK: form.edit,
    ActionName.SAVE_TASK: form.save,
    ActionName.SHOW_TASK: form.show,
    ActionName.UNDO_CHANGE: tasks.undo,
    ActionName.CONFIRM_BULK: bulk.confirm,
    ActionName.CANCEL_BULK: bulk.cancel,
}


@dataclass(frozen=True, kw_only=True)
class Performed:
    """The outcome of a click: its widget as it is now, or a notice of what could not be done.

    `changed` says that the tasks on the page are out of date. `item` is None if there is no widget
    to replace.
    """

    item: WidgetItem | None
    notice: str | None = None
    changed: bool = False


async def perform(
    database: Database,
    limits: LimitSettings,
    context: RequestContext,
    thread_id: str,
    item_id: str | None,
    action: Action[str, Any],
    *,
    tell_in_widget: bool,
) -> Performed:
    """Carry out the action, and store the new widget and a note for the model with it.

    What has changed since is left alone, and the person is told: by `notice`, or in the widget if
    `tell_in_widget`. Raises `BadRequestError` for an unknown action, `NotFoundError` for what is
    not the person's, `TooManyChangesError`, and `ConflictError` if there is no widget to tell it
    in.
    """
    run = _ACTIONS.get(action.type)
    if run is None:
        raise BadRequestError(f"There is no action {action.type!r}.")
    async with database.transaction() as connection:
        await ensure_user(connection, context.user)
        await require_thread(connection, context.user.id, thread_id)
        await count_change(connection, context.user.id, limits)
        sender = await _lock_widget(connection, context, thread_id, item_id)
        click = Click(
            connection=connection,
            limits=limits,
            user_id=context.user.id,
            timezone=context.timezone,
            payload=action.payload if isinstance(action.payload, dict) else {},
            shown=sender.widget.model_dump() if sender else None,
        )
        try:
            async with connection.savepoint():
                effect = await run(click)
        except ConflictError as error:
            if not tell_in_widget:
                return Performed(item=None, notice=str(error))
            if click.shown is None:
                raise
            effect = Effect(widget=with_notice(click.shown, str(error)), changed=False)
        if effect.note:
            await _remember(connection, thread_id, context, effect.note)
        if sender is None:
            return Performed(item=None, changed=effect.changed)
        item = sender.model_copy(update={"widget": effect.widget})
        await append_item(connection, context.user.id, thread_id, item)
        return Performed(item=item, changed=effect.changed)


async def _lock_widget(
    connection: Connection, context: RequestContext, thread_id: str, item_id: str | None
) -> WidgetItem | None:
    """The clicked widget, locked: other clicks on it wait until this one is done."""
    if item_id is None:
        return None
    item = await load_locked_item(connection, context.user.id, thread_id, item_id)
    if not isinstance(item, WidgetItem):
        raise BadRequestError("The item of an action must be a widget.")
    return item


async def _remember(
    connection: Connection, thread_id: str, context: RequestContext, note: str
) -> None:
    """Store a note that the model reads with the thread's next message."""
    item = HiddenContextItem(
        id=new_id("tc"), thread_id=thread_id, created_at=utc_now(), content=note
    )
    await append_item(connection, context.user.id, thread_id, item)
    await trim_hidden_items(connection, context.user.id, thread_id, MOST_HIDDEN_ITEMS)
