"""The widgets in the chat: task, form, list, confirmation of a bulk change, its outcome, notice."""

from functions.chatkit.widgets.cards import bulk_done_card, confirmation_card, notice_card
from functions.chatkit.widgets.shown import WidgetJson, task_ids, undo_id, with_notice
from functions.chatkit.widgets.tasks import TaskFields, task_card, task_form, task_list
from functions.chatkit.widgets.templates import Widget

__all__ = [
    "TaskFields",
    "Widget",
    "WidgetJson",
    "bulk_done_card",
    "confirmation_card",
    "notice_card",
    "task_card",
    "task_form",
    "task_ids",
    "task_list",
    "undo_id",
    "with_notice",
]
