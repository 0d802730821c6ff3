"""The actions that a request may name."""

from enum import StrEnum


class ActionName(StrEnum):
    """An action of a widget, or of the page. Its payload is in the comment."""

    COMPLETE_TASK = "task.complete"  # task_id
    REOPEN_TASK = "task.reopen"  # task_id
    EDIT_TASK = "task.edit"  # task_id, change_id?: opens the form in the task's card
    SAVE_TASK = "task.save"  # the same, and the form's fields
    SHOW_TASK = "task.show"  # the same: closes the form
    UNDO_CHANGE = "change.undo"  # change_id
    CONFIRM_BULK = "bulk.confirm"  # confirmation_id
    CANCEL_BULK = "bulk.cancel"  # confirmation_id
    FOLLOW_RUN = "run.follow"  # nothing
