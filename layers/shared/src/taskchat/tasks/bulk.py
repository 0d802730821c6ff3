"""Changes to many tasks at once: proposed to the person, and made only when they confirm.

A proposal keeps the ids of the tasks it showed. Tasks created later are left alone, even if they
match the filters.
"""

from dataclasses import dataclass
from typing import Any, Literal

from taskchat.clock import utc_now
from taskchat.database import Connection, fetch_all, fetch_one, load_queries
from taskchat.errors import BadRequestError, ConflictError, NotFoundError
from taskchat.identifiers import new_id
from taskchat.tasks.changes import Changed, Origin, load_change, record_change
from taskchat.tasks.models import Task, TaskFilter
from taskchat.tasks.rows import TaskState, is_id, read_states
from taskchat.tasks.service import get_task, get_tasks, select_tasks

_queries = load_queries("confirmations")
_tasks = load_queries("tasks")

MAX_BULK = 5_000
MOST_OUTSIDE_THREADS = 10
"""How many confirmations without a thread are kept per person. The oldest are deleted first."""

VALID_HOURS = 6
"""How long a card can be confirmed. Later, what it shows may be out of date."""

BulkKind = Literal["complete", "delete"]
Status = Literal["pending", "confirmed", "cancelled"]


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """A bulk change that the person has yet to decide on, or has decided on.

    `tasks` are the tasks of `task_ids` that still exist, in the order shown. `thread_id` is None if
    the request came from outside our chat.
    """

    id: str
    thread_id: str | None
    kind: BulkKind
    status: Status
    task_ids: tuple[str, ...]
    tasks: tuple[Task, ...]


@dataclass(frozen=True, kw_only=True)
class BulkOutcome:
    """The result of confirming a bulk change.

    `changed` is None if nothing was left to do. `missing` counts the tasks shown that by then were
    gone or already completed. `decided_now` is false if an earlier click had already decided.
    """

    kind: BulkKind
    changed: Changed | None
    missing: int
    decided_now: bool


async def propose_bulk(
    connection: Connection,
    user_id: str,
    thread_id: str | None,
    kind: BulkKind,
    filters: TaskFilter,
) -> Confirmation:
    """Save the tasks that match now, for the person to decide on.

    Only open tasks can be completed. If no task matches, the confirmation is empty and is not
    saved. Raises `BadRequestError` if more than `MAX_BULK` tasks match.
    """
    tasks = await _matching(connection, user_id, kind, filters)
    confirmation = Confirmation(
        id=new_id("cnf"),
        thread_id=thread_id,
        kind=kind,
        status="pending",
        task_ids=tuple(task.id for task in tasks),
        tasks=tasks,
    )
    if tasks:
        parameters = {
            "id": confirmation.id,
            "user_id": user_id,
            "thread_id": thread_id,
            "kind": kind,
            "task_ids": list(confirmation.task_ids),
        }
        await connection.execute(_queries.insert_confirmation, parameters)
        if thread_id is None:
            kept = {"user_id": user_id, "most": MOST_OUTSIDE_THREADS}
            await connection.execute(_queries.trim_confirmations, kept)
    return confirmation


async def ask_to_delete(
    connection: Connection, user_id: str, thread_id: str, confirmation_id: str, task_id: str
) -> Confirmation:
    """Add one task to the card that asks the person to confirm deletions.

    The first task creates the confirmation. Raises `NotFoundError` if the task is not theirs, and
    `ConflictError` if they have already decided on the card.
    """
    await get_task(connection, user_id, task_id)
    parameters = {
        "id": confirmation_id,
        "user_id": user_id,
        "thread_id": thread_id,
        "task_id": task_id,
    }
    added = await connection.execute(_queries.add_to_confirmation, parameters)
    if await added.fetchone() is None:
        raise ConflictError("The person has already decided; ask them before deleting more")
    return await load_confirmation(connection, user_id, confirmation_id)


async def _matching(
    connection: Connection, user_id: str, kind: BulkKind, filters: TaskFilter
) -> tuple[Task, ...]:
    if kind == "complete":
        if filters.completed:
            return ()
        filters = filters.model_copy(update={"completed": False})
    states = await select_tasks(connection, user_id, filters, limit=MAX_BULK + 1)
    if len(states) > MAX_BULK:
        raise BadRequestError(f"More than {MAX_BULK:,} tasks match; ask for fewer at once")
    return tuple(state.task for state in states)


async def load_confirmation(
    connection: Connection, user_id: str, confirmation_id: str
) -> Confirmation:
    """A confirmation with its tasks as they are now. Raises `NotFoundError`."""
    parameters = {"id": confirmation_id, "user_id": user_id}
    row = None
    if is_id(confirmation_id):
        row = await fetch_one(connection, _queries.get_confirmation, parameters)
    if row is None:
        raise _not_found()
    return Confirmation(
        id=row["id"],
        thread_id=row["thread_id"],
        kind=row["kind"],
        status=row["status"],
        task_ids=tuple(row["task_ids"]),
        tasks=await get_tasks(connection, user_id, row["task_ids"]),
    )


async def confirm_bulk(
    connection: Connection, user_id: str, confirmation_id: str, *, origin: Origin
) -> BulkOutcome:
    """Make the change to the tasks shown that still exist, recorded as one change.

    A second click changes nothing and returns the outcome of the first. Raises `NotFoundError`, and
    `ConflictError` if the confirmation was cancelled or is older than `VALID_HOURS`.
    """
    row = await _lock_confirmation(connection, user_id, confirmation_id)
    if row["status"] == "cancelled":
        raise ConflictError("This was already cancelled")
    if row["status"] == "pending" and row["expired"]:
        raise ConflictError("This confirmation has expired. Please ask again.")
    if row["status"] == "confirmed":
        changed = None
        if row["change_id"] is not None:
            changed = await load_change(connection, user_id, row["change_id"])
    else:
        changed = await _change_all(connection, user_id, row["kind"], row["task_ids"], origin)
        decision = {"status": "confirmed", "change_id": changed.change_id if changed else None}
        await _decide(connection, user_id, confirmation_id, decision)
    done = len(changed.tasks) if changed else 0
    return BulkOutcome(
        kind=row["kind"],
        changed=changed,
        missing=len(row["task_ids"]) - done,
        decided_now=row["status"] == "pending",
    )


async def cancel_bulk(connection: Connection, user_id: str, confirmation_id: str) -> bool:
    """Cancel a bulk change. Returns whether this click decided; a second one changes nothing.

    Raises `NotFoundError`, and `ConflictError` if it was already confirmed.
    """
    row = await _lock_confirmation(connection, user_id, confirmation_id)
    if row["status"] == "confirmed":
        raise ConflictError("This was already done; Undo takes it back")
    decided_now: bool = row["status"] == "pending"
    if decided_now:
        decision = {"status": "cancelled", "change_id": None}
        await _decide(connection, user_id, confirmation_id, decision)
    return decided_now


async def _change_all(
    connection: Connection, user_id: str, kind: BulkKind, task_ids: list[str], origin: Origin
) -> Changed | None:
    parameters: dict[str, Any] = {"user_id": user_id, "ids": task_ids}
    rows = await fetch_all(connection, _tasks.lock_tasks, parameters)
    before = _as_shown(read_states(rows), task_ids)
    after: tuple[TaskState, ...] = ()
    if kind == "complete":
        before = tuple(state for state in before if state.task.completed_at is None)
    if not before:
        return None
    parameters["ids"] = [state.task.id for state in before]
    if kind == "complete":
        parameters["completed_at"] = utc_now()
        rows = await fetch_all(connection, _tasks.complete_tasks, parameters)
        after = _as_shown(read_states(rows), task_ids)
    else:
        await connection.execute(_tasks.delete_tasks, parameters)
    return await record_change(connection, user_id, kind, before=before, after=after, origin=origin)


def _as_shown(states: tuple[TaskState, ...], task_ids: list[str]) -> tuple[TaskState, ...]:
    places = {task_id: place for place, task_id in enumerate(task_ids)}
    return tuple(sorted(states, key=lambda state: places[state.task.id]))


async def _lock_confirmation(
    connection: Connection, user_id: str, confirmation_id: str
) -> dict[str, Any]:
    parameters = {"id": confirmation_id, "user_id": user_id, "valid_hours": VALID_HOURS}
    row = None
    if is_id(confirmation_id):
        row = await fetch_one(connection, _queries.lock_confirmation, parameters)
    if row is None:
        raise _not_found()
    return row


async def _decide(
    connection: Connection, user_id: str, confirmation_id: str, decision: dict[str, str | None]
) -> None:
    parameters = {"id": confirmation_id, "user_id": user_id, **decision}
    await connection.execute(_queries.decide_confirmation, parameters)


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such confirmation")
