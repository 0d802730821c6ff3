"""What the routes' types do not say of themselves in `/api/openapi.json`."""

from typing import Any

from pydantic import BaseModel

_PROBLEM_SCHEMA = {
    "type": "object",
    "description": "A problem (RFC 9457)",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/not-found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "fields": {
            "type": "object",
            "description": "Each field at fault, and what is wrong with it",
            "additionalProperties": {"type": "string"},
        },
    },
}

_PROBLEM = {
    "description": "What went wrong",
    "content": {"application/problem+json": {"schema": _PROBLEM_SCHEMA}},
}

PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {"4XX": _PROBLEM, "5XX": _PROBLEM}


def json_body(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """Describes the body of a route that reads it by itself."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": required, "content": content}}


def query_parameters(model: type[BaseModel]) -> dict[str, Any]:
    """Describes the query of a route that reads it by itself."""
    properties = model.model_json_schema()["properties"]
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in properties.items()
        ]
    }
