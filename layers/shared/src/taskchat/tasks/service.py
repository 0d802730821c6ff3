"""What a person can do with their tasks, on the page or through the assistant.

Each function takes a connection in the caller's transaction, so that its statements and the
caller's commit or fail together. Another person's task is not found, just like one that does not
exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from taskchat.clock import utc_now
from taskchat.database import Connection, fetch_all, fetch_one, load_queries
from taskchat.errors import InvalidFieldsError, NotFoundError
from taskchat.identifiers import new_id
from taskchat.tasks.changes import Changed, ChangeKind, Origin, record_change
from taskchat.tasks.cursors import MAX_SEQ, Cursor
from taskchat.tasks.models import PRIORITIES, Task, TaskDraft, TaskFilter, TaskPatch
from taskchat.tasks.rows import TaskState, is_id, read_states

_queries = load_queries("tasks")

DEFAULT_LIMIT = 50
MAX_LIMIT = 100


@dataclass(frozen=True)
class TaskPage:
    """One page of a list. `next_cursor` is where the next page begins, or None at the end."""

    tasks: tuple[Task, ...]
    next_cursor: str | None


async def create_task(
    connection: Connection, user_id: str, draft: TaskDraft, *, origin: Origin
) -> Changed:
    """Add a task. The person must be recorded (`ensure_user`)."""
    parameters = {"id": new_id("tsk"), "user_id": user_id, **_columns(draft)}
    after = read_states(await fetch_all(connection, _queries.insert_task, parameters))
    return await record_change(connection, user_id, "create", after=after, origin=origin)


async def get_task(connection: Connection, user_id: str, task_id: str) -> Task:
    """One task. Raises `NotFoundError`."""
    parameters = {"id": task_id, "user_id": user_id}
    row = None
    if is_id(task_id):
        row = await fetch_one(connection, _queries.get_task, parameters)
    if row is None:
        raise _not_found()
    return Task.model_validate(row)


async def get_tasks(
    connection: Connection, user_id: str, task_ids: Sequence[str]
) -> tuple[Task, ...]:
    """The given tasks that exist, in the order of the ids."""
    parameters = {"user_id": user_id, "ids": [task_id for task_id in task_ids if is_id(task_id)]}
    rows = await fetch_all(connection, _queries.get_tasks, parameters)
    return tuple(state.task for state in read_states(rows))


async def list_tasks(
    connection: Connection,
    user_id: str,
    filters: TaskFilter,
    *,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> TaskPage:
    """A page of the tasks that match the filters: open first, then soonest due, then newest.

    Raises `BadRequestError` if the cursor is not valid, and `InvalidFieldsError` if `limit` is not.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidFieldsError({"limit": f"must be between 1 and {MAX_LIMIT}"})
    after = Cursor.decode(cursor) if cursor is not None else None
    states = await select_tasks(connection, user_id, filters, limit=limit + 1, after=after)
    shown = states[:limit]
    next_cursor = Cursor.at(shown[-1]).encode() if len(states) > limit else None
    return TaskPage(tuple(state.task for state in shown), next_cursor)


async def select_tasks(
    connection: Connection,
    user_id: str,
    filters: TaskFilter,
    *,
    limit: int,
    after: Cursor | None = None,
) -> tuple[TaskState, ...]:
    """The first `limit` tasks after `after` that match the filters, in list order."""
    parameters = {
        "user_id": user_id,
        "limit": limit,
        **_place(filters, after),
        "last_done": filters.completed is not False,
        "priorities": list(PRIORITIES) if filters.priority is None else [filters.priority],
        "tags": [] if filters.tag is None else [filters.tag],
        "due_before": filters.due_before,
        "due_after": filters.due_after,
        "q": filters.q,
    }
    return read_states(await fetch_all(connection, _queries.list_tasks, parameters))


def _place(filters: TaskFilter, after: Cursor | None) -> dict[str, Any]:
    """The position after which a list begins: always set, so that the index alone finds it."""
    if after is None or (filters.completed and not after.done):
        start = {"after_done": bool(filters.completed), "after_due_at": "-infinity"}
        return {**start, "after_seq": MAX_SEQ}
    due_at = after.due_at or "infinity"
    return {"after_done": after.done, "after_due_at": due_at, "after_seq": after.seq}


async def update_task(
    connection: Connection, user_id: str, task_id: str, patch: TaskPatch, *, origin: Origin
) -> Changed:
    """Change the fields that the patch sets. Raises `NotFoundError`."""
    before = await _lock_task(connection, user_id, task_id)
    task = patch.apply(before[0].task, utc_now())
    if task == before[0].task:
        return Changed(None, (task,))
    parameters = {"id": task_id, "user_id": user_id, "completed_at": task.completed_at}
    rows = await fetch_all(connection, _queries.update_task, parameters | _columns(task))
    after = read_states(rows)
    kind = _kind(before[0].task, task)
    return await record_change(connection, user_id, kind, before=before, after=after, origin=origin)


async def complete_task(
    connection: Connection, user_id: str, task_id: str, completed: bool = True, *, origin: Origin
) -> Changed:
    """Complete a task, or reopen it. Raises `NotFoundError`."""
    patch = TaskPatch(completed=completed)
    return await update_task(connection, user_id, task_id, patch, origin=origin)


async def delete_task(
    connection: Connection, user_id: str, task_id: str, *, origin: Origin
) -> Changed:
    """Delete a task. Raises `NotFoundError`."""
    before = await _lock_task(connection, user_id, task_id)
    await connection.execute(_queries.delete_tasks, {"user_id": user_id, "ids": [task_id]})
    return await record_change(connection, user_id, "delete", before=before, origin=origin)


async def _lock_task(connection: Connection, user_id: str, task_id: str) -> tuple[TaskState, ...]:
    """The one task, locked until the transaction ends. Raises `NotFoundError`."""
    states: tuple[TaskState, ...] = ()
    if is_id(task_id):
        parameters = {"user_id": user_id, "ids": [task_id]}
        states = read_states(await fetch_all(connection, _queries.lock_tasks, parameters))
    if not states:
        raise _not_found()
    return states


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such task")


def _columns(task: TaskDraft | Task) -> dict[str, Any]:
    return {
        "title": task.title,
        "description": task.description,
        "priority": task.priority,
        "tags": list(task.tags),
        "due_at": task.due_at,
    }


def _kind(before: Task, after: Task) -> ChangeKind:
    if after != before.model_copy(update={"completed_at": after.completed_at}):
        return "update"
    return "reopen" if after.completed_at is None else "complete"
