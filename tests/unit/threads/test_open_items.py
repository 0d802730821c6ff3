"""What becomes of an item that was still being written when its answer ended."""

from typing import Any

import pytest

from taskchat.threads.open_items import CUT_OFF, close_open_item, is_empty


def step(title: str, status: str) -> dict[str, Any]:
    return {"type": "custom", "title": title, "status_indicator": status}


def test_running_steps_are_stopped_and_folded_away() -> None:
    tasks = [step("Create task", "complete"), step("List tasks", "loading")]
    fields = {"workflow": {"type": "custom", "tasks": tasks, "expanded": True}}

    assert close_open_item("workflow", fields)["workflow"] == {
        "type": "custom",
        "tasks": [step("Create task", "complete"), step("List tasks", "none")],
        "summary": CUT_OFF,
        "expanded": False,
    }
    assert fields["workflow"]["expanded"], "the item itself is left as it was"


@pytest.mark.parametrize("summary", [None, {"title": "Created 1 task"}])
def test_a_summary_that_is_there_stays(summary: dict[str, str] | None) -> None:
    fields: dict[str, Any] = {
        "workflow": {"type": "custom", "tasks": [], "summary": summary, "expanded": True}
    }
    closed = close_open_item("workflow", fields)
    assert closed["workflow"]["summary"] == (summary or CUT_OFF)


def test_a_message_keeps_its_words() -> None:
    fields = {"content": [{"type": "output_text", "text": "I will"}]}
    assert close_open_item("assistant_message", fields) == fields


@pytest.mark.parametrize(
    ("item_type", "texts", "empty"),
    [
        ("assistant_message", [], True),
        ("assistant_message", [" \n", ""], True),
        ("assistant_message", ["", "word"], False),
        ("user_message", [], False),
    ],
)
def test_only_a_message_without_a_word_is_empty(
    item_type: str, texts: list[str], empty: bool
) -> None:
    fields = {"content": [{"text": text} for text in texts]}
    assert is_empty(item_type, fields) is empty
