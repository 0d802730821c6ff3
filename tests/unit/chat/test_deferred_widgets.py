"""Widgets whose validators wait for the first widget: the same as those that do not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
INSTALL = "from functions.chatkit.lean_imports import install\ninstall()\n"
CODE = """
import sys
from chatkit.types import ThreadStreamEvent, Thread, WidgetItem, WidgetRootUpdated
from chatkit.widgets import Card, DynamicWidgetRoot, Text
from pydantic import TypeAdapter, ValidationError

events = TypeAdapter(ThreadStreamEvent)
card = {"type": "Card", "children": [{"type": "Text", "value": "Call mom", "weight": "bold"}]}
odd = {"type": "Card", "children": [{"type": "Later", "size": 3}], "own": True}
for widget in (card, odd, {"type": "Sofa"}, 3, Card(children=[Text(value="Call mom")]),
        DynamicWidgetRoot.model_validate(odd)):
    for event in (
        {"type": "thread.item.done", "item": {"type": "widget", "id": "1", "thread_id": "2",
            "created_at": "2030-01-01T00:00:00Z", "widget": widget}},
        {"type": "thread.item.updated", "item_id": "1",
            "update": {"type": "widget.root.updated", "widget": widget}},
        {"type": "thread.item.updated", "item_id": "1",
            "update": {"type": "widget.component.updated", "component_id": "1",
                "component": widget}},
    ):
        try:
            made = events.validate_python(event)
        except ValidationError as error:
            print([problem["type"] for problem in error.errors()][-1:])
            continue
        inner = getattr(made, "item", None) or made.update
        held = getattr(inner, "widget", None) or inner.component
        print(type(held).__name__)
        for options in ({}, {"exclude_none": True}, {"by_alias": True, "exclude_unset": True}):
            print(made.model_dump_json(**options))
            print(json.dumps(made.model_dump(mode="json", **options)))
            print(made.model_dump(**options))
"""


def run(code: str) -> str:
    """What a new process prints."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"import json\n{code}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_deferred_widgets_are_read_and_written_as_any_others() -> None:
    deferred = run(INSTALL + CODE)

    assert deferred == run(CODE)
    assert "Call mom" in deferred


@pytest.mark.parametrize(
    "model",
    ["Thread", "ThreadItemAddedEvent", "ThreadItemDoneEvent", "ThreadItemUpdatedEvent"],
)
def test_a_model_that_may_hold_a_widget_is_built_without_the_widgets(model: str) -> None:
    code = f"""
import chatkit.types as types
types.{model}.model_rebuild()
print(str(types.{model}.__pydantic_core_schema__).count("chatkit.widgets"))
"""

    assert json.loads(run(INSTALL + code)) == 0
    assert json.loads(run(code)) > 0


def test_it_is_too_late_once_the_types_are_imported() -> None:
    said = run(
        "import chatkit.types\n"
        "from functions.chatkit.deferred_widgets import defer_widgets\n"
        "try: defer_widgets()\nexcept RuntimeError as error: print(error)"
    )

    assert said == "chatkit.types was imported before its widgets could be deferred"


def test_templates_are_parsed_by_the_real_library_when_the_first_is_used() -> None:
    code = """
import sys
import functions.chatkit.application
print("jinja2" in sys.modules)
from functions.chatkit.widgets.templates import build
print(build("notice", text="Two left").model_dump_json())
print("jinja2" in sys.modules)
try: build("notice")
except Exception as error: print(error)
"""
    before, *deferred = run(INSTALL + code).splitlines()
    _, *usual = run(code).splitlines()

    assert before == "False"
    assert deferred == usual
    assert "Two left" in usual[0]
    assert "StrictUndefined" in usual[-1]


def test_other_options_of_the_template_library_are_not_ignored() -> None:
    said = run(
        "from functions.chatkit.deferred_widgets import _DeferredEnvironment\n"
        "try: _DeferredEnvironment(undefined=None)\n"
        "except RuntimeError as error: print(error)"
    )

    assert said == "chatkit.widgets no longer asks jinja2 for StrictUndefined"
