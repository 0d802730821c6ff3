"""JSON Schema of a tool's arguments, in the subset of it that Gemini's endpoint takes."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

_TAKEN = ("type", "enum", "items", "description")
_LEFT_OUT = ("title", "default", "anyOf", "pattern", "maxItems", "minimum", "maximum")
"""What the model's description has in words, or what only our validation knows."""

type Schema = dict[str, Any]


def parameters_schema(model: type[BaseModel]) -> Schema:
    """The schema of an object with plain members: texts, numbers, truth values and lists of them.

    Raises `TypeError` where the model has anything else.
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
            # Whoever means the default of a member, a choice or a list leaves it out, or names it.
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
