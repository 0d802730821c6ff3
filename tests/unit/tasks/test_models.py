import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from taskchat.errors import InvalidFieldsError
from taskchat.tasks import Task, TaskDraft, TaskFilter, TaskPatch, validate

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2030, 1, 1, tzinfo=UTC)

TASK = Task(
    id="tsk_1",
    title="Call mom",
    description="About the cake",
    priority="high",
    tags=("family",),
    due_at=NOW,
    completed_at=None,
    created_at=NOW,
    updated_at=NOW,
)


def draft(**values: object) -> TaskDraft:
    return validate(TaskDraft, {"title": "Call mom"} | values, BERLIN)


def patch(**values: object) -> TaskPatch:
    return validate(TaskPatch, values, BERLIN)


def problems(model: type[BaseModel], values: object) -> dict[str, str]:
    with pytest.raises(InvalidFieldsError) as raised:
        validate(model, values, BERLIN)
    str(raised.value).encode()  # may travel in a response
    return raised.value.fields


def test_a_task_in_json_has_exactly_the_agreed_members_and_times_with_offset() -> None:
    in_tokyo = NOW.astimezone(ZoneInfo("Asia/Tokyo"))
    task = Task.model_validate(TASK.model_dump() | {"description": None, "due_at": in_tokyo})
    assert json.loads(task.model_dump_json()) == {
        "id": "tsk_1",
        "title": "Call mom",
        "description": None,
        "priority": "high",
        "tags": ["family"],
        "due_at": "2030-01-01T00:00:00Z",
        "completed_at": None,
        "created_at": "2030-01-01T00:00:00Z",
        "updated_at": "2030-01-01T00:00:00Z",
    }


def test_a_draft_needs_a_title_only() -> None:
    assert draft() == TaskDraft(
        title="Call mom", description=None, priority="medium", tags=(), due_at=None
    )


def test_null_in_a_draft_is_as_good_as_absent() -> None:
    assert draft(description=None, priority=None, tags=None, due_at=None) == draft()


def test_texts_are_trimmed_and_an_empty_description_or_time_is_none() -> None:
    assert draft(title="  Call mom \n").title == "Call mom"
    assert draft(description=" About it ").description == "About it"
    assert draft(description="  \n").description is None
    assert draft(due_at=" ").due_at is None


def test_titles_and_descriptions_may_be_as_long_as_the_limits_after_trimming() -> None:
    assert len(draft(title=f" {'ü' * 255} ").title) == 255
    assert len(draft(description=f" {'🎂' * 2000} ").description or "") == 2000


def test_tags_are_trimmed_lower_cased_and_kept_once_in_their_order() -> None:
    assert draft(tags=[" Home", "ÜBUNG", "home", "u\u0308bung"]).tags == ("home", "übung")


@pytest.mark.parametrize(
    ("values", "field", "problem"),
    [
        ({}, "title", "is required"),
        ({"title": None}, "title", "must be text"),
        ({"title": 7}, "title", "must be text"),
        ({"title": " \t "}, "title", "must not be empty"),
        ({"title": "a" * 256}, "title", "must have at most 255 characters"),
        ({"title": "a\0b"}, "title", "must not contain the NUL character"),
        ({"title": "a\ud800b"}, "title", "must be valid Unicode text"),
        ({"description": "a" * 2001}, "description", "must have at most 2000 characters"),
        ({"description": "\0"}, "description", "must not contain the NUL character"),
        ({"description": ["a"]}, "description", "must be text"),
        ({"priority": "urgent"}, "priority", "must be low, medium or high"),
        ({"priority": 1}, "priority", "must be low, medium or high"),
        ({"tags": "home"}, "tags", "must be a list of texts"),
        ({"tags": {"home": 1}}, "tags", "must be a list of texts"),
        ({"tags": [1]}, "tags", "must be text"),
        ({"tags": ["a\0"]}, "tags", "must not contain the NUL character"),
        ({"tags": ["a\udfff"]}, "tags", "must be valid Unicode text"),
        ({"tags": ["home", " "]}, "tags", "must each have 1 to 50 characters"),
        ({"tags": ["a" * 51]}, "tags", "must each have 1 to 50 characters"),
        ({"tags": [f"tag{n}" for n in range(21)]}, "tags", "must be at most 20"),
        ({"tags": ["tag"] * 21}, "tags", "must be at most 20"),
        ({"due_at": "soon"}, "due_at", "must be a time such as 2030-05-31T17:00"),
        ({"due_at": 1900000000}, "due_at", "must be a time as text"),
        ({"due_at": True}, "due_at", "must be a time as text"),
        ({"due_at": "9999-12-31T23:59-14:00"}, "due_at", "must lie between the years"),
        ({"id": "tsk_1"}, "id", "is not a known field"),
        ({"completed_at": None}, "completed_at", "is not a known field"),
    ],
)
def test_what_breaks_a_rule_is_named_with_its_field(
    values: dict[str, object], field: str, problem: str
) -> None:
    if field != "title":
        values = {"title": "Call mom"} | values
    found = problems(TaskDraft, values)
    assert list(found) == [field]
    assert found[field].startswith(problem)


@pytest.mark.parametrize("values", [None, [], "text", 7, [{"title": "a"}]])
def test_what_is_no_object_is_named_as_the_body(values: object) -> None:
    assert problems(TaskDraft, values) == {"body": "must be an object"}


def test_every_field_at_fault_is_named() -> None:
    found = problems(TaskDraft, {"title": "", "priority": "x", "due_at": "x", "other": 1})
    assert set(found) == {"title", "priority", "due_at", "other"}


def test_names_of_unknown_fields_cannot_break_or_flood_the_answer() -> None:
    found = problems(TaskPatch, {"\ud800" + "x" * 1000: 1} | {f"f{n}": n for n in range(1000)})
    assert len(found) <= 20
    assert all(len(name) <= 50 and name.isascii() for name in found)


def test_times_are_meant_in_the_persons_zone_and_a_due_date_lasts_its_whole_day() -> None:
    values = {"title": "a", "due_at": "2030-07-01T17:00"}
    assert validate(TaskDraft, values, BERLIN).due_at == datetime(2030, 7, 1, 15, tzinfo=UTC)
    assert validate(TaskDraft, values, NEW_YORK).due_at == datetime(2030, 7, 1, 21, tzinfo=UTC)
    assert draft(due_at="2030-07-01").due_at == datetime(2030, 7, 1, 21, 59, tzinfo=UTC)


def test_a_draft_made_in_python_follows_the_same_rules() -> None:
    made = TaskDraft(title=" Call mom ", tags=("Home",), due_at=NOW.astimezone(BERLIN))
    assert (made.title, made.tags, made.due_at) == ("Call mom", ("home",), NOW)


def test_a_patch_changes_what_it_sets_and_nothing_else() -> None:
    patched = patch(title="Call dad", tags=["Work"]).apply(TASK, NOW)
    assert patched == TASK.model_copy(update={"title": "Call dad", "tags": ("work",)})
    assert patch().apply(TASK, NOW) == TASK


def test_null_in_a_patch_clears() -> None:
    patched = patch(description=None, priority=None, tags=None, due_at=None).apply(TASK, NOW)
    assert (patched.description, patched.priority, patched.tags, patched.due_at) == (
        None,
        "medium",
        (),
        None,
    )


def test_a_patch_completes_and_reopens() -> None:
    later = datetime(2031, 1, 1, tzinfo=UTC)
    done = patch(completed=True).apply(TASK, NOW)
    assert done.completed_at == NOW
    assert patch(completed=True).apply(done, later) == done
    assert patch(completed=False).apply(done, later) == TASK
    assert patch(completed_at="2031-01-01T00:00Z").apply(done, NOW).completed_at == later
    assert patch(completed_at=None).apply(done, NOW) == TASK


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"title": None}, {"title": "must be text"}),
        ({"completed": None}, {"completed": "must be true or false"}),
        ({"completed": "perhaps"}, {"completed": "must be true or false"}),
        ({"id": "tsk_2"}, {"id": "is not a known field"}),
        ({"user_id": "bob"}, {"user_id": "is not a known field"}),
        (
            {"completed": True, "completed_at": None},
            {"body": "must have either completed or completed_at"},
        ),
    ],
)
def test_what_a_patch_cannot_do_is_named(
    values: dict[str, object], expected: dict[str, str]
) -> None:
    assert problems(TaskPatch, values) == expected


def test_a_filter_reads_the_texts_of_a_query_string() -> None:
    filters = validate(
        TaskFilter,
        {
            "completed": "false",
            "priority": "high",
            "tag": " Home ",
            "due_after": "2030-07-01",
            "due_before": "2030-07-02",
            "q": " cake ",
        },
        BERLIN,
    )
    assert filters == TaskFilter(
        completed=False,
        priority="high",
        tag="home",
        due_after=datetime(2030, 6, 30, 22, tzinfo=UTC),
        due_before=datetime(2030, 7, 1, 22, tzinfo=UTC),
        q="cake",
    )


def test_an_empty_text_in_a_filter_sets_no_condition() -> None:
    names = ("completed", "priority", "tag", "due_before", "due_after", "q")
    assert validate(TaskFilter, dict.fromkeys(names, " "), BERLIN) == TaskFilter()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"completed": "perhaps"}, "completed"),
        ({"priority": "urgent"}, "priority"),
        ({"tag": "a\0"}, "tag"),
        ({"due_before": "soon"}, "due_before"),
        ({"q": "a\0"}, "q"),
        ({"q": "a\ud800"}, "q"),
        ({"q": "a" * 256}, "q"),
        ({"owner": "bob"}, "owner"),
    ],
)
def test_a_filter_names_what_it_cannot_read(values: dict[str, object], field: str) -> None:
    assert list(problems(TaskFilter, values)) == [field]
