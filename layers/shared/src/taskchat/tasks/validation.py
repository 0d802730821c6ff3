"""Validates outside values as models, and words their errors for the person."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from taskchat.errors import InvalidFieldsError

_MAX_NAME = 50
_MAX_PROBLEMS = 20

_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "is required",
    "extra_forbidden": lambda _: "is not a known field",
    "string_type": lambda _: "must be text",
    "string_unicode": lambda _: "must be valid Unicode text",
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": lambda limits: f"must have at most {limits['max_length']} characters",
    "literal_error": lambda limits: f"must be {limits['expected'].replace("'", '')}",
    "bool_type": lambda _: "must be true or false",
    "bool_parsing": lambda _: "must be true or false",
    "int_type": lambda _: "must be a whole number",
    "int_parsing": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "greater_than_equal": lambda limits: f"must be at least {limits['ge']}",
    "less_than_equal": lambda limits: f"must be at most {limits['le']}",
    "tuple_type": lambda _: "must be a list of texts",
    "model_type": lambda _: "must be an object",
    "value_error": lambda limits: str(limits["error"]),
}


def validate[Model: BaseModel](model: type[Model], values: object, timezone: ZoneInfo) -> Model:
    """Validate `values` as `model`. Times without an offset are read in `timezone`.

    Raises `InvalidFieldsError`; a problem that concerns no single field is under `body`.
    """
    try:
        return model.model_validate(values, context={"timezone": timezone})
    except ValidationError as error:
        raise invalid_fields(error.errors(include_url=False, include_input=False)) from None


def invalid_fields(details: Sequence[ErrorDetails]) -> InvalidFieldsError:
    """Pydantic's errors as one of ours, worded for the person."""
    problems: dict[str, str] = {}
    for problem in details[:_MAX_PROBLEMS]:
        problems.setdefault(_field(problem), _in_words(problem))
    return InvalidFieldsError(problems)


def _field(problem: ErrorDetails) -> str:
    # The name of an unknown field comes from outside: it may be long, or not valid Unicode.
    name = str(problem["loc"][0]) if problem["loc"] else "body"
    return name.encode("ascii", "backslashreplace").decode()[:_MAX_NAME]


def _in_words(problem: ErrorDetails) -> str:
    words = _WORDS.get(problem["type"])
    return words(problem.get("ctx", {})) if words else problem["msg"]
