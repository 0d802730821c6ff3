"""What the buttons in the chat do. Each checks the person, and a second click changes nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from chatkit.actions import Action
from chatkit.types import (
    ClientEffectEvent,
    HiddenContextItem,
    NoticeEvent,
    ThreadItemReplacedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    WidgetItem,
)
from chatkit.widgets import DynamicWidgetRoot

from functions.chatkit.context import ChatContext
from functions.chatkit.tools import Widget
from functions.chatkit.turn import TASKS_CHANGED
from functions.chatkit.widgets import (
    bulk_done_card,
    notice_card,
    task_card,
    task_ids,
    task_list,
)
from functions.chatkit.words import counted, quoted
from taskchat import tasks
from taskchat.clock import utc_now
from taskchat.database import Connection, Database
from taskchat.errors import BadRequestError, ConflictError
from taskchat.identifiers import new_id
from taskchat.tasks import BY_PERSON, AlreadyUndoneError
from taskchat.threads import append_item
from taskchat.users import ensure_user


@dataclass(frozen=True, kw_only=True)
class _Click:
    connection: Connection
    user_id: str
    timezone: ZoneInfo
    payload: dict[str, Any]
    shown: Widget | None

    def id(self, name: str) -> str:
        value = self.payload.get(name)
        if not isinstance(value, str) or not value:
            raise BadRequestError(f"The action needs {name}.")
        return value


@dataclass(frozen=True, kw_only=True)
class _Effect:
    """What a click did: the widget in the old one's place, and a note for the model."""

    widget: Widget
    note: str | None = None


async def perform(
    database: Database,
    thread: ThreadMetadata,
    action: Action[str, Any],
    sender: WidgetItem | None,
    context: ChatContext,
) -> tuple[ThreadStreamEvent, ...]:
    """Do the action in one transaction; the events show what came of it.

    Raises `BadRequestError` for an action that is not known, `NotFoundError` for what is not the
    person's. What was changed since is left alone, and the person is told.
    """
    run = _ACTIONS.get(action.type)
    if run is None:
        raise BadRequestError(f"There is no action {action.type!r}.")
    try:
        async with database.transaction() as connection:
            await ensure_user(connection, context.user)
            effect = await run(
                _Click(
                    connection=connection,
                    user_id=context.user.id,
                    timezone=context.timezone,
                    payload=action.payload if isinstance(action.payload, dict) else {},
                    shown=sender.widget.model_dump() if sender else None,
                )
            )
            if effect.note:
                await _remember(connection, thread, context, effect.note)
    except ConflictError as error:
        return (NoticeEvent(level="warning", message=str(error)),)
    effects = (ClientEffectEvent(name=TASKS_CHANGED, data={}),)
    if sender is None:
        return effects
    widget = DynamicWidgetRoot.model_validate(effect.widget)
    return (ThreadItemReplacedEvent(item=sender.model_copy(update={"widget": widget})), *effects)


async def _remember(
    connection: Connection, thread: ThreadMetadata, context: ChatContext, note: str
) -> None:
    item = HiddenContextItem(
        id=new_id("tc"), thread_id=thread.id, created_at=utc_now(), content=note
    )
    await append_item(connection, context.user.id, thread.id, item)


async def _set_completed(click: _Click, completed: bool) -> _Effect:
    task_id = click.id("task_id")
    changed = await tasks.complete_task(
        click.connection, click.user_id, task_id, completed, origin=BY_PERSON
    )
    (task,) = changed.tasks
    verb = "completed" if completed else "reopened"
    note = f"The person {verb} the task {quoted(task.title)} ({task.id})."
    listed = task_ids(click.shown or {})
    if not listed:
        card = task_card(task, click.timezone, change_id=changed.change_id)
        return _Effect(widget=card, note=note if changed.change_id else None)
    shown = await tasks.get_tasks(click.connection, click.user_id, listed)
    return _Effect(
        widget=task_list(shown, click.timezone), note=note if changed.change_id else None
    )


async def _complete(click: _Click) -> _Effect:
    return await _set_completed(click, True)


async def _reopen(click: _Click) -> _Effect:
    return await _set_completed(click, False)


async def _undo(click: _Click) -> _Effect:
    change_id = click.id("change_id")
    try:
        restored = await tasks.undo_change(click.connection, click.user_id, change_id)
    except AlreadyUndoneError:
        return _Effect(widget=notice_card("Undone."))
    if len(restored) == 1:
        (task,) = restored
        card = task_card(task, click.timezone, change_id=None)
        return _Effect(widget=card, note=f"The person undid a change of {quoted(task.title)}.")
    text = f"Undone: {counted(restored)} restored." if restored else "Undone: the task is gone."
    return _Effect(widget=notice_card(text), note=f"The person undid a change. {text}")


async def _confirm(click: _Click) -> _Effect:
    confirmation_id = click.id("confirmation_id")
    first = await _is_undecided(click, confirmation_id)
    outcome = await tasks.confirm_bulk(
        click.connection, click.user_id, confirmation_id, origin=BY_PERSON
    )
    changed = outcome.changed.tasks if outcome.changed else ()
    card = bulk_done_card(
        outcome.kind,
        changed,
        missing=outcome.missing,
        change_id=outcome.changed.change_id if outcome.changed else None,
    )
    note = f"The person confirmed: {outcome.kind} of {counted(changed)}."
    return _Effect(widget=card, note=note if first else None)


async def _cancel(click: _Click) -> _Effect:
    confirmation_id = click.id("confirmation_id")
    first = await _is_undecided(click, confirmation_id)
    await tasks.cancel_bulk(click.connection, click.user_id, confirmation_id)
    note = "The person cancelled; nothing was changed."
    return _Effect(
        widget=notice_card("Cancelled. Nothing was changed."), note=note if first else None
    )


async def _is_undecided(click: _Click, confirmation_id: str) -> bool:
    confirmation = await tasks.load_confirmation(click.connection, click.user_id, confirmation_id)
    return confirmation.status == "pending"


_ACTIONS: dict[str, Callable[[_Click], Awaitable[_Effect]]] = {
    "task.complete": _complete,
    "task.reopen": _reopen,
    "change.undo": _undo,
    "bulk.confirm": _confirm,
    "bulk.cancel": _cancel,
}
