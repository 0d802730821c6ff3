"""Changes that meet: each waits for the other and then sees what it did."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from taskchat.database import Database
from taskchat.errors import ConflictError, NotFoundError
from taskchat.tasks import (
    BY_PERSON,
    AlreadyUndoneError,
    Changed,
    TaskDraft,
    TaskFilter,
    TaskPatch,
    complete_task,
    confirm_bulk,
    create_task,
    delete_task,
    get_task,
    list_tasks,
    propose_bulk,
    undo_change,
    update_task,
)


async def create(database: Database, user_id: str, title: str) -> Changed:
    async with database.transaction() as connection:
        return await create_task(connection, user_id, TaskDraft(title=title), origin=BY_PERSON)


async def update(database: Database, user_id: str, task_id: str, **values: Any) -> Changed:
    async with database.transaction() as connection:
        patch = TaskPatch(**values)
        return await update_task(connection, user_id, task_id, patch, origin=BY_PERSON)


async def undo(database: Database, user_id: str, changed: Changed) -> None:
    async with database.transaction() as connection:
        await undo_change(connection, user_id, str(changed.change_id))


async def waiting[T](database: Database, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start `work` and return once Postgres says that it waits for a lock."""
    task = asyncio.create_task(work)
    while True:
        async with database.transaction() as connection:
            rows = await connection.execute(
                "select from pg_stat_activity"
                " where datname = current_database() and wait_event_type = 'Lock'"
            )
            if rows.rowcount:
                return task
        assert not task.done(), "it did not wait"
        await asyncio.sleep(0.01)


async def test_two_updates_at_once_both_hold(database: Database, alice: str) -> None:
    task_id = (await create(database, alice, "a")).tasks[0].id
    async with database.transaction() as connection:
        patch = TaskPatch(title="b")
        first = await update_task(connection, alice, task_id, patch, origin=BY_PERSON)
        second = await waiting(database, update(database, alice, task_id, priority="high"))
    (task,) = (await second).tasks
    assert (task.title, task.priority) == ("b", "high")
    assert task.updated_at > first.tasks[0].updated_at


async def test_two_completions_at_once_are_one_change(database: Database, alice: str) -> None:
    task_id = (await create(database, alice, "a")).tasks[0].id
    async with database.transaction() as connection:
        first = await complete_task(connection, alice, task_id, origin=BY_PERSON)
        second = await waiting(database, update(database, alice, task_id, completed=True))
    assert await second == Changed(None, first.tasks)


async def test_an_update_that_waited_for_a_deletion_finds_no_task(
    database: Database, alice: str
) -> None:
    task_id = (await create(database, alice, "a")).tasks[0].id
    async with database.transaction() as connection:
        await delete_task(connection, alice, task_id, origin=BY_PERSON)
        late = await waiting(database, update(database, alice, task_id, title="b"))
    with pytest.raises(NotFoundError):
        await late


async def test_many_confirmations_at_once_are_one_change(database: Database, alice: str) -> None:
    for title in "abc":
        await create(database, alice, title)
    async with database.transaction() as connection:
        confirmation = await propose_bulk(connection, alice, "thr_alice", "delete", TaskFilter())

    async def confirm() -> str | None:
        async with database.transaction() as connection:
            outcome = await confirm_bulk(connection, alice, confirmation.id, origin=BY_PERSON)
        assert outcome.changed is not None
        assert (len(outcome.changed.tasks), outcome.missing) == (3, 0)
        return outcome.changed.change_id

    assert len(set(await asyncio.gather(*(confirm() for _ in range(8))))) == 1


async def test_two_undos_at_once_are_one(database: Database, alice: str) -> None:
    created = await create(database, alice, "a")
    task_id = created.tasks[0].id
    changed = await update(database, alice, task_id, title="b")
    async with database.transaction() as connection:
        await undo_change(connection, alice, str(changed.change_id))
        second = await waiting(database, undo(database, alice, changed))
    with pytest.raises(AlreadyUndoneError):
        await second
    async with database.transaction() as connection:
        assert await get_task(connection, alice, task_id) == created.tasks[0]


async def test_undo_that_waited_for_an_update_is_refused(database: Database, alice: str) -> None:
    task_id = (await create(database, alice, "a")).tasks[0].id
    changed = await update(database, alice, task_id, title="b")
    async with database.transaction() as connection:
        patch = TaskPatch(priority="high")
        await update_task(connection, alice, task_id, patch, origin=BY_PERSON)
        late = await waiting(database, undo(database, alice, changed))
    with pytest.raises(ConflictError):
        await late
    async with database.transaction() as connection:
        task = await get_task(connection, alice, task_id)
    assert (task.title, task.priority) == ("b", "high")


async def test_an_update_that_waited_for_undo_changes_the_restored_task(
    database: Database, alice: str
) -> None:
    task_id = (await create(database, alice, "a")).tasks[0].id
    changed = await update(database, alice, task_id, title="b")
    async with database.transaction() as connection:
        await undo_change(connection, alice, str(changed.change_id))
        late = await waiting(database, update(database, alice, task_id, priority="high"))
    (task,) = (await late).tasks
    assert (task.title, task.priority) == ("a", "high")


async def test_bulk_changes_and_updates_of_the_same_tasks_do_not_block_each_other_for_good(
    database: Database, alice: str
) -> None:
    ids = [(await create(database, alice, title)).tasks[0].id for title in "abcdef"]
    async with database.transaction() as connection:
        confirmations = [
            await propose_bulk(connection, alice, "thr_alice", "complete", TaskFilter())
            for _ in range(4)
        ]

    async def confirm(confirmation_id: str) -> int:
        async with database.transaction() as connection:
            outcome = await confirm_bulk(connection, alice, confirmation_id, origin=BY_PERSON)
        return len(outcome.changed.tasks) if outcome.changed else 0

    completed, _ = await asyncio.gather(
        asyncio.gather(*(confirm(confirmation.id) for confirmation in confirmations)),
        asyncio.gather(*(update(database, alice, id_, priority="high") for id_ in ids)),
    )
    assert sum(completed) == 6
    async with database.transaction() as connection:
        page = await list_tasks(connection, alice, TaskFilter(completed=True, priority="high"))
    assert len(page.tasks) == 6
