"""The `.widget` files of this folder, each parsed when first used."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

from chatkit.widgets import DynamicWidgetRoot, WidgetTemplate

type Widget = DynamicWidgetRoot
TemplateName = Literal["bulk_done", "confirmation", "notice", "task_card", "task_form", "task_list"]


def build(name: TemplateName, **data: Any) -> Widget:
    """The widget with this data, which the `jsonSchema` in its file describes."""
    return _load(name).build(data)


@cache
def _load(name: TemplateName) -> WidgetTemplate:
    return WidgetTemplate.from_file(str(Path(__file__).parent / f"{name}.widget"))
