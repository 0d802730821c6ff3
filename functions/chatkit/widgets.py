"""The widgets in the chat: a task, a list of tasks, a question about many, and what became of it.

Each is a ChatKit widget as JSON. Rows carry the id of their task as `key`, so that a widget can be
drawn again from what it shows.
"""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from functions.chatkit.words import counted, due_in_words
from taskchat.clock import utc_now
from taskchat.tasks import BulkKind, Confirmation, Task

type Component = dict[str, Any]

_LISTED_IN_CARD = 10
_SHOWN_IN_LIST = 10
_NOTICE = "notice"
_BULK_WORDS: dict[BulkKind, tuple[str, str]] = {
    "complete": ("Complete", "completed"),
    "delete": ("Delete", "deleted"),
}


def task_card(
    task: Task, timezone: ZoneInfo, *, change_id: str | None, deleted: bool = False
) -> Component:
    """One task with what can be done with it; Undo where `change_id` names what was done."""
    buttons = [] if deleted else [_completion_button(task)]
    if change_id:
        buttons.append(_undo_button(change_id))
    return _card([_task_row(task, timezone, deleted=deleted), _row(buttons)])


def task_list(tasks: Sequence[Task], timezone: ZoneInfo) -> Component:
    """Tasks one below the other, each with a button that completes or reopens it."""
    return {
        "type": "ListView",
        "limit": _SHOWN_IN_LIST,
        "children": [
            {
                "type": "ListViewItem",
                "key": task.id,
                "align": "center",
                "children": [
                    _task_row(task, timezone),
                    {"type": "Spacer"},
                    _completion_button(task),
                ],
            }
            for task in tasks
        ],
    }


def confirmation_card(confirmation: Confirmation, timezone: ZoneInfo) -> Component:
    """What a bulk tool would do, to which tasks, with Confirm and Cancel."""
    verb, _ = _BULK_WORDS[confirmation.kind]
    payload = {"confirmation_id": confirmation.id}
    return {
        **_card(
            [
                {"type": "Title", "size": "sm", "value": f"{verb} {counted(confirmation.tasks)}?"},
                *_first_rows(confirmation.tasks, timezone),
            ]
        ),
        "confirm": {"label": "Confirm", "action": _action("bulk.confirm", payload)},
        "cancel": {"label": "Cancel", "action": _action("bulk.cancel", payload)},
    }


def bulk_done_card(
    kind: BulkKind, tasks: Sequence[Task], *, missing: int, change_id: str | None
) -> Component:
    """What became of a confirmed question. `missing` were gone or done before the click."""
    _, done = _BULK_WORDS[kind]
    lines = [_text(f"{counted(tasks).capitalize()} {done}.")]
    if missing:
        lines.append(_caption(f"{missing} had changed before, and stayed as they were."))
    return _card(lines + ([_row([_undo_button(change_id)])] if change_id else []))


def notice_card(text: str) -> Component:
    """A line that takes the place of a widget that has served."""
    return _card([_text(text)])


def task_ids(widget: Component) -> list[str]:
    """The tasks that a list shows."""
    return [row["key"] for row in widget.get("children", []) if row.get("key")]


def undo_id(widget: Component) -> str | None:
    """The change that the widget's Undo takes back, if it has one."""
    action = widget.get("onClickAction") or {}
    if action.get("type") == "change.undo":
        change_id: str | None = action["payload"]["change_id"]
        return change_id
    children = widget.get("children") or []
    return next((found for child in children if (found := undo_id(child))), None)


def with_notice(widget: Component, text: str) -> Component:
    """The widget with a line at its end, in place of the line before."""
    line: Component = {**_caption(text), "id": _NOTICE}
    if widget["type"] == "ListView":
        line = {"type": "ListViewItem", "id": _NOTICE, "children": [_caption(text)]}
    children = [child for child in widget["children"] if child.get("id") != _NOTICE]
    return {**widget, "children": [*children, line]}


def _first_rows(tasks: Sequence[Task], timezone: ZoneInfo) -> list[Component]:
    rows = [_task_row(task, timezone) for task in tasks[:_LISTED_IN_CARD]]
    more = len(tasks) - len(rows)
    return [*rows, _caption(f"and {more} more")] if more else rows


def _task_row(task: Task, timezone: ZoneInfo, *, deleted: bool = False) -> Component:
    done = task.completed_at is not None
    icon = "page-blank" if deleted else "check-circle-filled" if done else "empty-circle"
    facts = _facts(task, timezone, deleted=deleted)
    return _row(
        [
            {"type": "Icon", "name": icon, "color": "success" if done else "secondary"},
            {
                "type": "Col",
                "gap": 0,
                "children": [
                    {**_text(task.title), "lineThrough": done or deleted, "maxLines": 2},
                    *([_caption(" · ".join(facts))] if facts else []),
                ],
            },
        ]
    )


def _facts(task: Task, timezone: ZoneInfo, *, deleted: bool) -> list[str]:
    facts = ["Deleted"] if deleted else []
    if task.due_at:
        overdue = task.completed_at is None and task.due_at < utc_now() and not deleted
        words = due_in_words(task.due_at, timezone)
        facts.append(f"Overdue: {words}" if overdue else f"Due {words}")
    if task.priority != "medium":
        facts.append(f"{task.priority.capitalize()} priority")
    return facts + [f"#{tag}" for tag in task.tags]


def _completion_button(task: Task) -> Component:
    payload = {"task_id": task.id}
    if task.completed_at:
        return _button("Reopen", _action("task.reopen", payload))
    return _button("Complete", _action("task.complete", payload))


def _undo_button(change_id: str) -> Component:
    return _button("Undo", _action("change.undo", {"change_id": change_id}))


def _card(children: list[Component]) -> Component:
    return {"type": "Card", "size": "md", "children": [child for child in children if child]}


def _row(children: list[Component]) -> Component:
    return {"type": "Row", "gap": 2, "align": "center", "children": children} if children else {}


def _text(value: str) -> Component:
    return {"type": "Text", "value": value}


def _caption(value: str) -> Component:
    return {"type": "Caption", "value": value}


def _button(label: str, action: Component) -> Component:
    return {
        "type": "Button",
        "label": label,
        "variant": "outline",
        "size": "sm",
        "onClickAction": action,
    }


def _action(name: str, payload: Component) -> Component:
    # The element holds back an action that streams for as long as an answer does.
    how = {"handler": "server", "loadingBehavior": "auto", "streaming": False}
    return {"type": name, "payload": payload, **how}
