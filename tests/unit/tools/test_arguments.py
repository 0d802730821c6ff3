"""What the model is told of a tool's arguments, and how wrong ones are refused."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from taskchat import tools
from taskchat.errors import InvalidFieldsError
from taskchat.tasks import TaskFilter, validate
from taskchat.tools import ToolDefinition
from taskchat.tools.schema import parameters_schema

BERLIN = ZoneInfo("Europe/Berlin")
SEVEN = (
    tools.CREATE_TASK,
    tools.LIST_TASKS,
    tools.UPDATE_TASK,
    tools.COMPLETE_TASK,
    tools.DELETE_TASK,
    tools.COMPLETE_ALL_TASKS,
    tools.DELETE_ALL_TASKS,
)
FILTERS = {"completed", "priority", "tag", "due_before", "due_after", "query"}
DETAILS = {"description", "priority", "tags", "due_at"}


def members(tool: ToolDefinition) -> dict[str, Any]:
    found: dict[str, Any] = tool.json_schema["properties"]
    return found


def read(tool: ToolDefinition, **values: object) -> Any:
    return validate(tool.arguments, values, BERLIN)


@pytest.mark.parametrize("tool", SEVEN, ids=lambda tool: tool.name)
def test_a_schema_stays_within_what_gemini_takes(tool: ToolDefinition) -> None:
    schema = tool.json_schema
    assert set(schema) == {"type", "properties", "required", "additionalProperties"}
    assert (schema["type"], schema["additionalProperties"]) == ("object", False)
    assert set(schema["required"]) <= set(schema["properties"])
    for member in schema["properties"].values():
        assert {"type", "description"} <= set(member) <= {"type", "description", "enum", "items"}
        assert member.get("items", {"type": "string"}) == {"type": "string"}
        types = [member["type"]] if isinstance(member["type"], str) else member["type"]
        assert set(types) <= {"string", "integer", "boolean", "array", "null"}


@pytest.mark.parametrize(
    ("tool", "names", "required"),
    [
        (tools.CREATE_TASK, {"title", *DETAILS}, ["title"]),
        (tools.LIST_TASKS, {*FILTERS, "limit"}, []),
        (tools.UPDATE_TASK, {"task_id", "title", *DETAILS}, ["task_id"]),
        (tools.COMPLETE_TASK, {"task_id", "completed"}, ["task_id"]),
        (tools.DELETE_TASK, {"task_id"}, ["task_id"]),
        (tools.COMPLETE_ALL_TASKS, FILTERS - {"completed"}, []),
        (tools.DELETE_ALL_TASKS, FILTERS, []),
    ],
    ids=lambda value: value.name if isinstance(value, ToolDefinition) else "",
)
def test_a_tool_offers_these_arguments(
    tool: ToolDefinition, names: set[str], required: list[str]
) -> None:
    assert set(members(tool)) == names
    assert tool.json_schema["required"] == required


def test_null_is_offered_only_where_it_differs_from_leaving_out() -> None:
    def nullable(tool: ToolDefinition) -> set[str]:
        return {name for name, member in members(tool).items() if "null" in member["type"]}

    assert nullable(tools.UPDATE_TASK) == {"description", "due_at"}
    assert members(tools.UPDATE_TASK)["due_at"]["type"] == ["string", "null"]
    assert [tool.name for tool in SEVEN if nullable(tool)] == ["update_task"]


def test_what_gemini_does_not_take_is_refused_when_the_tool_is_written() -> None:
    class Inner(BaseModel):
        name: str

    class Nested(BaseModel):
        inner: Inner

    class Either(BaseModel):
        either: int | str

    for model in (Nested, Either):
        with pytest.raises(TypeError, match="Gemini does not take"):
            parameters_schema(model)


@pytest.mark.parametrize(
    ("tool", "values", "problems"),
    [
        (tools.CREATE_TASK, {}, {"title": "is required"}),
        (
            tools.CREATE_TASK,
            {"title": "a", "priority": "urgent"},
            {"priority": "must be low, medium or high"},
        ),
        (
            tools.CREATE_TASK,
            {"title": "a", "completed": True},
            {"completed": "is not"},
        ),
        (tools.LIST_TASKS, {"limit": 0}, {"limit": "must be at least 1"}),
        (tools.LIST_TASKS, {"limit": 101}, {"limit": "must be at most 100"}),
        (tools.LIST_TASKS, {"limit": "many"}, {"limit": "must be a whole number"}),
        (tools.LIST_TASKS, {"limit": 1.5}, {"limit": "must be a whole number"}),
        (tools.LIST_TASKS, {"limit": None}, {"limit": "must be a whole number"}),
        (tools.LIST_TASKS, {"q": "milk"}, {"q": "is not a known field"}),
        (tools.LIST_TASKS, {"query": "a" * 256}, {"query": "must have at most 255 characters"}),
        (tools.UPDATE_TASK, {"title": "a"}, {"task_id": "is required"}),
        (tools.UPDATE_TASK, {"task_id": 7}, {"task_id": "must be text"}),
        (tools.UPDATE_TASK, {"task_id": "tsk_1", "title": None}, {"title": "must be text"}),
        (
            tools.UPDATE_TASK,
            {"task_id": "t", "completed": True},
            {"completed": "is not"},
        ),
        (
            tools.COMPLETE_TASK,
            {"task_id": "t", "completed": None},
            {"completed": "must be true"},
        ),
        (tools.COMPLETE_TASK, {"task_id": "t", "title": "a"}, {"title": "is not a known field"}),
        (tools.DELETE_TASK, {}, {"task_id": "is required"}),
        (tools.DELETE_ALL_TASKS, {"due_after": "soon"}, {"due_after": "must be a time such as"}),
        (tools.COMPLETE_ALL_TASKS, {"limit": 1}, {"limit": "is not a known field"}),
    ],
)
def test_what_is_wrong_is_named_as_the_model_knows_it(
    tool: ToolDefinition, values: dict[str, object], problems: dict[str, str]
) -> None:
    with pytest.raises(InvalidFieldsError) as raised:
        validate(tool.arguments, values, BERLIN)
    assert raised.value.fields.keys() == problems.keys()
    for name, problem in problems.items():
        assert raised.value.fields[name].startswith(problem)


def test_query_is_the_filter_that_the_page_calls_q() -> None:
    for tool in (tools.LIST_TASKS, tools.COMPLETE_ALL_TASKS, tools.DELETE_ALL_TASKS):
        filters = read(tool, query=" milk ")
        assert isinstance(filters, TaskFilter)
        assert filters.q == "milk"


def test_what_is_not_said_has_its_default() -> None:
    assert read(tools.LIST_TASKS).limit == 20
    assert read(tools.COMPLETE_TASK, task_id="tsk_1").completed is True
    assert read(tools.UPDATE_TASK, task_id="tsk_1").model_fields_set == {"task_id"}


def test_completing_only_open_tasks_may_be_said_although_it_is_not_offered() -> None:
    assert read(tools.COMPLETE_ALL_TASKS, completed=False).completed is False
