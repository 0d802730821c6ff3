"""The confirmation of a bulk change, its outcome, and notices."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from functions.chatkit.formatting import counted
from functions.chatkit.widgets.tasks import task_data
from functions.chatkit.widgets.templates import Widget, build
from taskchat.tasks import BulkKind, Confirmation, Task

_LISTED_IN_CARD = 10
_BULK_WORDS: dict[BulkKind, tuple[str, str]] = {
    "complete": ("Complete", "completed"),
    "delete": ("Delete", "deleted"),
}


def confirmation_card(confirmation: Confirmation, timezone: ZoneInfo) -> Widget:
    """What a bulk tool would do, to which tasks, with Confirm and Cancel."""
    verb, _ = _BULK_WORDS[confirmation.kind]
    more = len(confirmation.tasks) - _LISTED_IN_CARD
    return build(
        "confirmation",
        confirmation_id=confirmation.id,
        question=f"{verb} {counted(confirmation.tasks)}?",
        tasks=[task_data(task, timezone) for task in confirmation.tasks[:_LISTED_IN_CARD]],
        more=f"and {more} more" if more > 0 else "",
    )


def bulk_done_card(
    kind: BulkKind, tasks: Sequence[Task], *, missing: int, change_id: str | None
) -> Widget:
    """The outcome of a confirmed change. `missing` were gone or completed before the click."""
    _, done = _BULK_WORDS[kind]
    left_alone = f"Skipped {missing} that had already changed." if missing else ""
    return build(
        "bulk_done",
        done=f"{counted(tasks).capitalize()} {done}.",
        missing=left_alone,
        change_id=change_id,
    )


def notice_card(text: str) -> Widget:
    """A line that replaces a widget that is no longer needed."""
    return build("notice", text=text)
