"""FastAPI's validation errors as problems, and the description of problems in OpenAPI."""

from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from taskchat.errors import BadRequestError, TaskchatError
from taskchat.tasks.validation import invalid_fields
from taskchat.web import problem_response
from taskchat.web.problems import MEDIA_TYPE


class Problem(BaseModel):
    """A problem (RFC 9457); `fields` maps each invalid field to what is wrong with it."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    fields: dict[str, str] = {}


_PROBLEM = {
    "description": "What went wrong",
    "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
}
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {"4XX": _PROBLEM, "5XX": _PROBLEM}

_NO_OBJECT = {"model_attributes_type", "model_type"}


def install_validation_handler(app: FastAPI) -> None:
    """Make the app respond to FastAPI's validation errors with problems."""
    app.add_exception_handler(RequestValidationError, _handle_invalid_request)


async def _handle_invalid_request(_request: Request, error: Exception) -> Response:
    details: list[ErrorDetails] = list(cast("RequestValidationError", error).errors())
    return problem_response(_as_taskchat_error(details))


def _as_taskchat_error(details: list[ErrorDetails]) -> TaskchatError:
    for problem in details:
        if problem["type"] == "json_invalid":
            return BadRequestError("The body is not valid JSON.")
        if problem["loc"] == ("body",) and problem["type"] in _NO_OBJECT:
            return BadRequestError("The body must be a JSON object.")
    # FastAPI's `loc` begins with where the value was: body, query, path, header.
    return invalid_fields([{**problem, "loc": problem["loc"][1:]} for problem in details])
