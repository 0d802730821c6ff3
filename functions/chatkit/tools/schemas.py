"""The parameters that several tools share, described for the model."""

from typing import Any

_TIME = (
    "ISO 8601, such as 2030-05-31T17:00. Without an offset it is meant in the person's time zone."
)

TITLE = {"type": "string", "description": "What is to be done, 1 to 255 characters."}
TASK_ID = {"type": "string", "description": "The id of the task, as other tools returned it."}


def _nullable(schema: dict[str, Any], what_null_does: str) -> dict[str, Any]:
    description = f"{schema['description']} {what_null_does}"
    return {**schema, "type": [schema["type"], "null"], "description": description}


DETAILS: dict[str, Any] = {
    "description": {"type": "string", "description": "Details, up to 2000 characters."},
    "priority": {
        "type": "string",
        "enum": ["low", "medium", "high"],
        "description": "How urgent it is; medium if the person says nothing.",
    },
    "tags": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Up to 20 lower-case labels.",
    },
    "due_at": {
        "type": "string",
        "description": f"When it is due: {_TIME} A date alone is its end.",
    },
}

CLEARABLE_DETAILS: dict[str, Any] = {
    **DETAILS,
    "description": _nullable(DETAILS["description"], "Null removes it."),
    "tags": {**DETAILS["tags"], "description": "The new labels, replacing all others."},
    "due_at": _nullable(DETAILS["due_at"], "Null removes it."),
}

FILTERS: dict[str, Any] = {
    "completed": {"type": "boolean", "description": "Only completed (true) or open (false) tasks."},
    "priority": {**DETAILS["priority"], "description": "Only tasks of this priority."},
    "tag": {"type": "string", "description": "Only tasks with this label."},
    "due_before": {"type": "string", "description": f"Only tasks due before this time: {_TIME}"},
    "due_after": {
        "type": "string",
        "description": f"Only tasks due at or after this time: {_TIME}",
    },
    "query": {"type": "string", "description": "Only tasks with this text in title or details."},
}
