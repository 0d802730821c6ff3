"""Closes items that are still being written when their answer ends.

Used both by a process that ends its own answer and by one that marks a run as lost. It works on an
item's stored fields, so that the latter does not need to load the SDK.
"""

from typing import Any

CUT_OFF = {"title": "Interrupted"}
"""The summary of a workflow without one. ChatKit would otherwise say that it was worked on."""


def is_empty(item_type: str, fields: dict[str, Any]) -> bool:
    """Whether it is a message without text, which is deleted instead of closed."""
    return item_type == "assistant_message" and not any(
        part["text"].strip() for part in fields["content"]
    )


def close_open_item(item_type: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of the closed item: the text so far, and no step marked as running."""
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
