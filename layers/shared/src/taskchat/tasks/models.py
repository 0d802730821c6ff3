"""The task model, and the drafts, patches and filters that clients send, with their rules.

`taskchat.tasks.validation.validate` passes the person's time zone to the validators; without it,
they use the one of `taskchat.timezone`. Texts hold no NUL character and no lone surrogate: Postgres
can store neither.
"""

import unicodedata
from datetime import UTC, datetime, time
from functools import partial
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict

from taskchat.tasks.json_schemas import STORABLE_TEXT, TIME, text_schema
from taskchat.tasks.times import END_OF_DAY, START_OF_DAY, parse_time, to_instant
from taskchat.timezone import current_timezone

MAX_TITLE = 255
MAX_DESCRIPTION = 2_000
MAX_TAGS = 20
MAX_TAG = 50

Priority = Literal["low", "medium", "high"]
PRIORITIES: tuple[Priority, ...] = ("low", "medium", "high")
DEFAULT_PRIORITY: Priority = "medium"


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain the NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode text") from None
    return text


def _normalised_tag(tag: str) -> str:
    return unicodedata.normalize("NFC", _storable(tag)).lower()


def _normalised_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    if len(tags) > MAX_TAGS:
        raise ValueError(f"must be at most {MAX_TAGS}")
    unique = tuple(dict.fromkeys(map(_normalised_tag, tags)))
    if not all(1 <= len(tag) <= MAX_TAG for tag in unique):
        raise ValueError(f"must each have 1 to {MAX_TAG} characters")
    return unique


def _instant(value: object, info: ValidationInfo, *, date_means: time) -> datetime | None:
    zone = info.context["timezone"] if info.context else current_timezone()
    match value:
        case None:
            return None
        case datetime():
            return to_instant(value, zone)
        case str():
            return parse_time(value, zone, date_means=date_means) if value.strip() else None
        case _:
            raise ValueError("must be a time as text")


def _due(value: object, info: ValidationInfo) -> datetime | None:
    return _instant(value, info, date_means=END_OF_DAY)


def _bound(value: object, info: ValidationInfo) -> datetime | None:
    return _instant(value, info, date_means=START_OF_DAY)


def _default_for_null(default: object, value: object) -> object:
    return default if value is None else value


def _text(max_length: int, min_length: int = 0) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=min_length, max_length=max_length)


_Trimmed = Annotated[str, StringConstraints(strip_whitespace=True)]
Title = Annotated[
    str, _text(MAX_TITLE, min_length=1), AfterValidator(_storable), text_schema(MAX_TITLE, 1)
]
Description = Annotated[
    Annotated[str, _text(MAX_DESCRIPTION), AfterValidator(_storable), text_schema(MAX_DESCRIPTION)]
    | None,
    AfterValidator(lambda text: text or None),
]
PriorityOrDefault = Annotated[
    Priority,
    BeforeValidator(
        partial(_default_for_null, DEFAULT_PRIORITY), json_schema_input_type=Priority | None
    ),
]
_TagsSent = Annotated[
    tuple[Annotated[str, text_schema(MAX_TAG, 1)], ...], Field(max_length=MAX_TAGS)
]
Tags = Annotated[
    tuple[_Trimmed, ...],
    BeforeValidator(partial(_default_for_null, ()), json_schema_input_type=_TagsSent | None),
    AfterValidator(_normalised_tags),
]
_TimeSent = Annotated[str, TIME]
DueTime = Annotated[datetime | None, BeforeValidator(_due, json_schema_input_type=_TimeSent | None)]
"""A date alone means the end of that day, 23:59."""
TimeBound = Annotated[
    datetime | None, BeforeValidator(_bound, json_schema_input_type=_TimeSent | None)
]
"""A date alone means the start of that day, 00:00."""
Instant = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class Task(BaseModel):
    """A task, as stored and as sent in JSON. All times are in UTC."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    description: str | None
    priority: Priority
    tags: tuple[str, ...]
    due_at: Instant | None
    completed_at: Instant | None
    created_at: Instant
    updated_at: Instant


class _FromOutside(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_TIME = "ISO 8601, such as 2030-05-31T17:00. Without an offset it is in the person's time zone."
_TITLE = f"What is to be done, 1 to {MAX_TITLE} characters."
_DESCRIPTION = f"Details, up to {MAX_DESCRIPTION} characters."
_PRIORITY = f"How urgent it is; {DEFAULT_PRIORITY} if the person says nothing."
_DUE_AT = f"When it is due: {_TIME} A date alone means the end of that day."
_REMOVED_BY_NULL = "Null removes it."


class TaskDraft(_FromOutside):
    """The fields of a new task."""

    title: Title = Field(description=_TITLE)
    description: Description = Field(None, description=_DESCRIPTION)
    priority: PriorityOrDefault = Field(DEFAULT_PRIORITY, description=_PRIORITY)
    tags: Tags = Field((), description=f"Up to {MAX_TAGS} lower-case labels.")
    due_at: DueTime = Field(None, description=_DUE_AT)


def _without_defaults(schema: JsonDict) -> None:
    """Leave out defaults: in a patch, an absent field does not mean its default."""
    properties = schema["properties"]
    if isinstance(properties, dict):
        for member in properties.values():
            if isinstance(member, dict):
                member.pop("default", None)


class TaskDetailsPatch(_FromOutside):
    """Changes to the details of a task. Only the fields that are set change.

    Null clears a field; only a title cannot be null. The defaults below have no meaning.
    """

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    title: Title = Field("", description=_TITLE)
    description: Description = Field(None, description=f"{_DESCRIPTION} {_REMOVED_BY_NULL}")
    priority: PriorityOrDefault = Field(DEFAULT_PRIORITY, description=_PRIORITY)
    tags: Tags = Field((), description="The new labels, replacing all others.")
    due_at: DueTime = Field(None, description=f"{_DUE_AT} {_REMOVED_BY_NULL}")


def _completion_said_once(schema: JsonDict) -> None:
    _without_defaults(schema)
    schema["not"] = {"required": ["completed", "completed_at"]}


class TaskPatch(TaskDetailsPatch):
    """Changes to a task, including its completion.

    Set either `completed`, or `completed_at` to the time of completion; null there reopens the
    task.
    """

    model_config = ConfigDict(json_schema_extra=_completion_said_once)

    completed: bool = Field(
        False, strict=True, description="True completes the task, false reopens it."
    )
    completed_at: TimeBound = Field(None, description="When it was completed; null reopens it.")

    @model_validator(mode="after")
    def _completion_is_said_once(self) -> Self:
        if {"completed", "completed_at"} <= self.model_fields_set:
            raise ValueError("must have either completed or completed_at")
        return self

    def apply(self, task: Task, now: datetime) -> Task:
        """The task with the changes applied. Completing a completed task keeps its time."""
        values = {name: getattr(self, name) for name in self.model_fields_set - {"completed"}}
        if "completed" in self.model_fields_set:
            values["completed_at"] = (task.completed_at or now) if self.completed else None
        return task.model_copy(update=values)


class TaskFilter(_FromOutside):
    """Selects the tasks that meet every condition set. An empty text sets no condition.

    `due_after` is inclusive and `due_before` is exclusive, so that two dates enclose whole days.
    `q` is searched for in title and description, ignoring case.
    """

    completed: bool | None = Field(None, description="Only completed (true) or open (false) tasks.")
    priority: Priority | None = Field(None, description="Only tasks of this priority.")
    tag: Annotated[_Trimmed, AfterValidator(_normalised_tag), STORABLE_TEXT] | None = Field(
        None, description="Only tasks with this label."
    )
    due_before: TimeBound = Field(None, description=f"Only tasks due before this time: {_TIME}")
    due_after: TimeBound = Field(None, description=f"Only tasks due at or after this time: {_TIME}")
    q: (
        Annotated[str, _text(MAX_TITLE), AfterValidator(_storable), text_schema(MAX_TITLE)] | None
    ) = Field(None, description="Only tasks with this text in title or details.")

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value
