"""Reads and changes the JSON of a widget that is shown."""

from typing import Any

from chatkit.widgets import DynamicWidgetRoot

from functions.chatkit.widgets.templates import Widget

type WidgetJson = dict[str, Any]

_NOTICE = "notice"


def task_ids(widget: WidgetJson) -> list[str]:
    """The ids of the tasks that a list shows."""
    return [row["key"] for row in widget.get("children", []) if row.get("key")]


def undo_id(widget: WidgetJson) -> str | None:
    """The id of the change that the widget's Undo button undoes, if it has one."""
    action = widget.get("onClickAction") or {}
    if action.get("type") == "change.undo":
        change_id: str | None = action["payload"]["change_id"]
        return change_id
    children = widget.get("children") or []
    return next((found for child in children if (found := undo_id(child))), None)


def with_notice(widget: WidgetJson, text: str) -> Widget:
    """The widget with a notice at its end, which replaces an earlier one."""
    line: WidgetJson = {"type": "Caption", "value": text, "id": _NOTICE}
    if widget["type"] == "ListView":
        caption = {"type": "Caption", "value": text}
        line = {"type": "ListViewItem", "id": _NOTICE, "children": [caption]}
    children = [child for child in widget["children"] if child.get("id") != _NOTICE]
    return DynamicWidgetRoot.model_validate({**widget, "children": [*children, line]})
