"""Changes to tasks. Each is recorded with the tasks before and after it, for Undo."""

from dataclasses import dataclass
from typing import Literal

from taskchat.database import Connection, fetch_all, fetch_one, load_queries
from taskchat.errors import ConflictError, NotFoundError
from taskchat.identifiers import new_id
from taskchat.tasks.models import Task
from taskchat.tasks.rows import TaskState, is_id, read_states, states_as_json

_queries = load_queries("changes")
_tasks = load_queries("tasks")

ChangeKind = Literal["create", "update", "complete", "reopen", "delete"]


class AlreadyUndoneError(ConflictError):
    """The change is already undone; there is nothing left to do."""

    code = "already-undone"
    title = "Already undone"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The tool call that makes a change. Both are None if the person makes the change themselves.

    A call through MCP has no run; its `call_id` is that of the HTTP request.
    """

    run_id: str | None = None
    call_id: str | None = None


BY_PERSON = Origin()


@dataclass(frozen=True)
class Changed:
    """The tasks after a change, or before it if it deleted them.

    `change_id` identifies the change for Undo. It is None if nothing had to change.
    """

    change_id: str | None
    tasks: tuple[Task, ...]


async def record_change(
    connection: Connection,
    user_id: str,
    kind: ChangeKind,
    *,
    before: tuple[TaskState, ...] = (),
    after: tuple[TaskState, ...] = (),
    origin: Origin,
) -> Changed:
    """Record a change for Undo, in the transaction that makes it."""
    change_id = new_id("chg")
    await connection.execute(
        _queries.insert_change,
        {
            "id": change_id,
            "user_id": user_id,
            "run_id": origin.run_id,
            "call_id": origin.call_id,
            "kind": kind,
            "before": states_as_json(before),
            "after": states_as_json(after),
        },
    )
    return Changed(change_id, tuple(state.task for state in after or before))


async def load_change(connection: Connection, user_id: str, change_id: str) -> Changed | None:
    """What a recorded change did, or None if it is no longer kept."""
    parameters = {"id": change_id, "user_id": user_id}
    row = await fetch_one(connection, _queries.get_change, parameters)
    if row is None:
        return None
    states = read_states(row["after"] or row["before"])
    return Changed(change_id, tuple(state.task for state in states))


async def undo_change(connection: Connection, user_id: str, change_id: str) -> tuple[Task, ...]:
    """Restore the tasks of a change to what they were before it, and return them.

    Restores all of them or none. Raises `NotFoundError`, `AlreadyUndoneError`, and `ConflictError`
    if a task has changed since. A restored task gets its old `updated_at` back too, so that the
    previous change can be undone next.
    """
    parameters = {"id": change_id, "user_id": user_id}
    row = None
    if is_id(change_id):
        row = await fetch_one(connection, _queries.lock_change, parameters)
    if row is None:
        raise NotFoundError("There is no such change")
    if row["undone_at"] is not None:
        raise AlreadyUndoneError("This change was already undone")
    before, after = read_states(row["before"]), read_states(row["after"])
    await _require_unchanged(connection, user_id, before, after)
    kept = {state.task.id for state in before}
    created = [state.task.id for state in after if state.task.id not in kept]
    await connection.execute(_tasks.delete_tasks, {"user_id": user_id, "ids": created})
    restored = {"user_id": user_id, "tasks": states_as_json(before)}
    await connection.execute(_tasks.restore_tasks, restored)
    await connection.execute(_queries.mark_change_undone, parameters)
    return tuple(state.task for state in before)


async def _require_unchanged(
    connection: Connection,
    user_id: str,
    before: tuple[TaskState, ...],
    after: tuple[TaskState, ...],
) -> None:
    ids = list({state.task.id for state in before + after})
    rows = await fetch_all(connection, _tasks.lock_tasks, {"user_id": user_id, "ids": ids})
    if set(read_states(rows)) != set(after):
        raise ConflictError("The tasks were changed since, so this can no longer be undone")
