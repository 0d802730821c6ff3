"""What becomes of an item that is still being written when its answer ends, however it ends.

A process that ends its own answer and one that finds an answer lost both go by this. It works on
the fields of an item as they are stored, since the latter should not have to load the SDK.
"""

from typing import Any

CUT_OFF = {"title": "Interrupted"}
"""The summary of steps that nobody has summed up: without one, ChatKit says they were worked on."""


def is_empty(item_type: str, fields: dict[str, Any]) -> bool:
    """Whether it is a message without a word, which goes away instead of being kept."""
    return item_type == "assistant_message" and not any(
        part["text"].strip() for part in fields["content"]
    )


def close_open_item(item_type: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of the item as it stays: text as far as it came, no step marked as running."""
    if item_type != "workflow":
        return fields
    workflow = fields["workflow"]
    closed = {
        "tasks": [_stopped(step) for step in workflow["tasks"]],
        "summary": workflow.get("summary") or CUT_OFF,
        "expanded": False,
    }
    return {**fields, "workflow": {**workflow, **closed}}


def _stopped(step: dict[str, Any]) -> dict[str, Any]:
    return {**step, "status_indicator": "none"} if step["status_indicator"] == "loading" else step
