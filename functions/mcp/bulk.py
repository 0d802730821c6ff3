"""The bulk tools in two calls: the first says what the second will do.

The stateless transport cannot ask the person in the middle of a call (elicitation). So the first
call returns the tasks and the id of a confirmation. Only that result contains the id, and it is
sent after the transaction that stored it: no concurrent call can know the id.
"""

from collections.abc import Awaitable, Callable

from pydantic import Field

from functions.mcp.results import BulkResult
from taskchat import tools
from taskchat.errors import InvalidFieldsError, NotFoundError
from taskchat.tasks import (
    BulkKind,
    BulkOutcome,
    Confirmation,
    confirm_bulk,
    load_confirmation,
    propose_bulk,
)
from taskchat.tools import OpenTaskFilter, ToolCall, ToolDefinition, ToolFilter

_NAMED = 50

type Outcome = Confirmation | BulkOutcome

_TWO_CALLS = (
    "{what} all {which} that match the filters. The first call changes nothing: it tells which "
    "tasks that would be, with a confirmation_id. Show them to the person; if they agree, call "
    "again with that confirmation_id alone, and exactly those tasks are {done}."
)
_CONFIRMATION_ID = Field(
    None, description="From this tool's first answer, once the person has agreed."
)


class CompleteAll(OpenTaskFilter):
    """Which open tasks, or the confirmation of an earlier call."""

    confirmation_id: str | None = _CONFIRMATION_ID


class DeleteAll(ToolFilter):
    """Which tasks, or the confirmation of an earlier call."""

    confirmation_id: str | None = _CONFIRMATION_ID


def _in_two_calls(
    kind: BulkKind,
) -> Callable[[ToolCall, CompleteAll | DeleteAll], Awaitable[Outcome]]:
    async def run(call: ToolCall, arguments: CompleteAll | DeleteAll) -> Outcome:
        if arguments.confirmation_id is None:
            return await propose_bulk(call.connection, call.user_id, None, kind, arguments)
        if len(arguments.model_dump(exclude_none=True)) > 1:
            raise InvalidFieldsError({"confirmation_id": "must come without filters"})
        return await _confirm(call, kind, arguments.confirmation_id)

    return run


async def _confirm(call: ToolCall, kind: BulkKind, confirmation_id: str) -> BulkOutcome:
    asked = await load_confirmation(call.connection, call.user_id, confirmation_id)
    if asked.kind != kind or asked.thread_id is not None:
        raise NotFoundError("There is no such confirmation of this tool")
    return await confirm_bulk(call.connection, call.user_id, confirmation_id, origin=call.origin)


def bulk_result(_call: ToolCall, outcome: Outcome) -> BulkResult:
    """The result of either call."""
    if isinstance(outcome, Confirmation):
        return _asked(outcome)
    changed = outcome.changed
    tasks = changed.tasks if changed else ()
    left = f" Skipped {outcome.missing} that had already changed." * (outcome.missing > 0)
    return BulkResult(
        status="done",
        count=len(tasks),
        titles=tuple(task.title for task in tasks[:_NAMED]),
        confirmation_id=None,
        change_id=changed.change_id if changed else None,
        note=f"Done.{left}",
    )


def _asked(asked: Confirmation) -> BulkResult:
    count = len(asked.tasks)
    note = "No task matches."
    if count:
        unnamed = f" {count - _NAMED} of them are not named here." if count > _NAMED else ""
        note = f"Nothing has changed yet: ask the person.{unnamed}"
    return BulkResult(
        status="needs_confirmation" if count else "nothing_to_do",
        count=count,
        titles=tuple(task.title for task in asked.tasks[:_NAMED]),
        confirmation_id=asked.id if count else None,
        change_id=None,
        note=note,
    )


COMPLETE_ALL_TASKS = ToolDefinition(
    name=tools.COMPLETE_ALL_TASKS.name,
    description=_TWO_CALLS.format(what="Complete", which="open tasks", done="completed"),
    arguments=CompleteAll,
    run=_in_two_calls("complete"),
    destructive=True,
    idempotent=True,
)
DELETE_ALL_TASKS = ToolDefinition(
    name=tools.DELETE_ALL_TASKS.name,
    description=_TWO_CALLS.format(what="Delete", which="tasks", done="deleted"),
    arguments=DeleteAll,
    run=_in_two_calls("delete"),
    destructive=True,
    idempotent=True,
)
