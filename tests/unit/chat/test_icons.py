"""Only icons that ChatKit's element has built in: others load late, and may break the answer."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from chatkit.icons import IconName

from functions.chatkit import widgets
from functions.chatkit.answer.agent_context import FAILED_ICON
from functions.chatkit.tools import TOOLS
from taskchat.tasks import Confirmation, Task

BUILT_IN = {name for part in get_args(IconName) for name in get_args(part) if isinstance(name, str)}
ROOT = Path(__file__).parents[3]
SOURCES = [*ROOT.glob("functions/chatkit/**/*.py"), *ROOT.glob("functions/chatkit/**/*.widget")]
PAGE = [*ROOT.glob("frontend/src/chat/**/*.ts*"), *ROOT.glob("frontend/src/*.ts*")]
PAGE_ICON = re.compile(r"""\bicon(?:Start|End)?: ["']([\w:-]+)["']""")


def test_the_sdk_names_the_built_in_icons() -> None:
    assert {"check", "plus", "search", "write"} <= BUILT_IN
    assert not any(":" in name for name in BUILT_IN)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_steps_icon_is_built_in(tool: Any) -> None:
    assert {tool.icon, FAILED_ICON} <= BUILT_IN


def test_no_icon_is_named_that_would_load_late() -> None:
    named = [path for path in SOURCES + PAGE if "lucide:" in path.read_text("utf-8")]
    assert SOURCES
    assert PAGE
    assert named == []


def test_the_prompts_of_the_page_have_built_in_icons() -> None:
    icons = {icon for path in PAGE for icon in PAGE_ICON.findall(path.read_text("utf-8"))}
    assert icons
    assert icons <= BUILT_IN


def test_the_icons_of_every_widget_are_built_in() -> None:
    icons = {icon for widget in every_widget() for icon in icons_in(widget.model_dump())}
    assert len(icons) >= 3
    assert icons <= BUILT_IN


def every_widget() -> list[widgets.Widget]:
    """Each kind of widget, in each of its states."""
    now = datetime(2030, 5, 31, 17, tzinfo=UTC)
    open_task = Task(
        id="tsk_1",
        title="Milk",
        description=None,
        priority="high",
        tags=("home",),
        due_at=now,
        completed_at=None,
        created_at=now,
        updated_at=now,
    )
    tasks = (open_task, open_task.model_copy(update={"completed_at": now}))
    zone = ZoneInfo("Europe/Berlin")
    question = Confirmation(
        id="cnf_1",
        thread_id="thr_1",
        kind="delete",
        status="pending",
        task_ids=("tsk_1",),
        tasks=tasks,
    )
    fields = widgets.TaskFields.of(open_task, zone)
    return [
        *(widgets.task_card(task, zone, change_id="chg_1") for task in tasks),
        widgets.task_card(open_task, zone, change_id="chg_1", deleted=True),
        widgets.task_list(tasks, zone),
        widgets.confirmation_card(question, zone),
        widgets.bulk_done_card("delete", tasks, missing=1, change_id="chg_1"),
        widgets.notice_card("Undone."),
        widgets.task_form("tsk_1", fields, fields, change_id=None),
    ]


def icons_in(widget: Any) -> Iterator[str]:
    """The icons that a widget shows, anywhere in it."""
    if isinstance(widget, dict):
        if widget.get("type") == "Icon":
            yield widget["name"]
        yield from (widget[key] for key in ("iconStart", "iconEnd", "icon") if key in widget)
        for value in widget.values():
            yield from icons_in(value)
    elif isinstance(widget, list):
        for value in widget:
            yield from icons_in(value)
