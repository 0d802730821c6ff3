"""The `.widget` files of this folder, each parsed when it is first shown."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

from chatkit.widgets import DynamicWidgetRoot, WidgetTemplate

type Widget = DynamicWidgetRoot
TemplateName = Literal["bulk_done", "confirmation", "notice", "task_card", "task_form", "task_list"]


def build(name: TemplateName, **data: Any) -> Widget:
    """The widget with this data; its file's `jsonSchema` says what that is."""
    return _load(name).build(data)


@cache
def _load(name: TemplateName) -> WidgetTemplate:
    return WidgetTemplate.from_file(str(Path(__file__).parent / f"{name}.widget"))
