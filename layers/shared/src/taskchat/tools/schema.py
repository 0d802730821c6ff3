"""JSON Schema of a tool's arguments, in the subset that Gemini's endpoint accepts."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

_TAKEN = ("type", "enum", "items", "description")
_LEFT_OUT = ("title", "default", "anyOf", "pattern", "maxItems", "minimum", "maximum")
"""What the descriptions say in words, or only our validation checks."""

type Schema = dict[str, Any]


def parameters_schema(model: type[BaseModel]) -> Schema:
    """The schema of an object whose members are texts, numbers, booleans, or lists of them.

    Raises `TypeError` if the model has anything else.
    """
    schema = model.model_json_schema()
    members: dict[str, Schema] = schema["properties"]
    return {
        "type": "object",
        "properties": {name: _member(name, member) for name, member in members.items()},
        "required": schema.get("required", []),
        "additionalProperties": False,
    }


def _member(name: str, member: Schema) -> Schema:
    match member:
        case {"anyOf": [alternative, {"type": "null"}]}:
            rest = {key: value for key, value in member.items() if key != "anyOf"}
            plain = _plain(name, alternative | rest)
            # Null is only offered where leaving the member out means something else: a member with
            # a default, a choice or a list is left out, or gets a value.
            named = {"default"} & member.keys() or {"enum", "items"} & plain.keys()
            return plain if named else plain | {"type": [plain["type"], "null"]}
        case _:
            return _plain(name, member)


def _plain(name: str, member: Mapping[str, Any]) -> Schema:
    other = member.keys() - {*_TAKEN, *_LEFT_OUT}
    if other or "type" not in member:
        raise TypeError(f"{name}: Gemini does not take {', '.join(sorted(other)) or 'any value'}")
    plain = {key: member[key] for key in _TAKEN if key in member}
    if "items" in plain:
        plain["items"] = _plain(name, plain["items"])
    return plain
