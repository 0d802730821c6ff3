"""Confirm and Cancel on a bulk tool's card. The confirmation's lock decides which is first."""

from functions.chatkit.actions.click import Click, Effect
from functions.chatkit.formatting import counted
from functions.chatkit.widgets import bulk_done_card, notice_card
from taskchat.tasks import BY_PERSON, cancel_bulk, confirm_bulk


async def confirm(click: Click) -> Effect:
    """Make the change to exactly the tasks shown."""
    outcome = await confirm_bulk(
        click.connection, click.user_id, click.id("confirmation_id"), origin=BY_PERSON
    )
    changed = outcome.changed.tasks if outcome.changed else ()
    card = bulk_done_card(
        outcome.kind,
        changed,
        missing=outcome.missing,
        change_id=outcome.changed.change_id if outcome.changed else None,
    )
    note = f"The person confirmed: {outcome.kind} of {counted(changed)}."
    return Effect(widget=card, note=note if outcome.decided_now else None)


async def cancel(click: Click) -> Effect:
    """Cancel the change."""
    decided_now = await cancel_bulk(click.connection, click.user_id, click.id("confirmation_id"))
    note = "The person cancelled; nothing was changed."
    return Effect(
        widget=notice_card("Cancelled. Nothing was changed."),
        note=note if decided_now else None,
        changed=False,
    )
