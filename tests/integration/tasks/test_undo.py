from typing import Any

import pytest

from taskchat.database import Database
from taskchat.errors import ConflictError, NotFoundError
from taskchat.tasks import (
    BY_PERSON,
    AlreadyUndoneError,
    Changed,
    Task,
    TaskDraft,
    TaskFilter,
    TaskPatch,
    complete_task,
    confirm_bulk,
    create_task,
    delete_task,
    list_tasks,
    propose_bulk,
    undo_change,
    update_task,
)


class Tasks:
    """One person's tasks, each operation in a transaction of its own."""

    def __init__(self, database: Database, user_id: str) -> None:
        self.database = database
        self.user_id = user_id

    async def all(self) -> tuple[Task, ...]:
        async with self.database.transaction() as connection:
            return (await list_tasks(connection, self.user_id, TaskFilter(), limit=100)).tasks

    async def create(self, title: str, **values: Any) -> Changed:
        async with self.database.transaction() as connection:
            draft = TaskDraft(title=title, **values)
            return await create_task(connection, self.user_id, draft, origin=BY_PERSON)

    async def update(self, task: Task, **values: Any) -> Changed:
        async with self.database.transaction() as connection:
            patch = TaskPatch(**values)
            return await update_task(connection, self.user_id, task.id, patch, origin=BY_PERSON)

    async def complete(self, task: Task, completed: bool = True) -> Changed:
        async with self.database.transaction() as connection:
            return await complete_task(
                connection, self.user_id, task.id, completed, origin=BY_PERSON
            )

    async def delete(self, task: Task) -> Changed:
        async with self.database.transaction() as connection:
            return await delete_task(connection, self.user_id, task.id, origin=BY_PERSON)

    async def bulk(self, kind: Any) -> Changed:
        async with self.database.transaction() as connection:
            confirmation = await propose_bulk(
                connection, self.user_id, f"thr_{self.user_id}", kind, TaskFilter()
            )
            outcome = await confirm_bulk(
                connection, self.user_id, confirmation.id, origin=BY_PERSON
            )
        assert outcome.changed is not None
        return outcome.changed

    async def undo(self, changed: Changed) -> tuple[Task, ...]:
        assert changed.change_id is not None
        async with self.database.transaction() as connection:
            return await undo_change(connection, self.user_id, changed.change_id)


@pytest.fixture
async def tasks(database: Database, alice: str) -> Tasks:
    """Alice's three tasks: "a", "b" and, completed, "c"."""
    tasks = Tasks(database, alice)
    await tasks.create("a", description="About a", priority="low", tags=("x", "y"))
    await tasks.create("b")
    await tasks.complete((await tasks.create("c")).tasks[0])
    return tasks


async def find(tasks: Tasks, title: str) -> Task:
    (task,) = [task for task in await tasks.all() if task.title == title]
    return task


@pytest.mark.parametrize("kind", ["update", "complete", "reopen", "delete"])
async def test_undo_makes_a_task_exactly_what_it_was_at_its_old_place(
    tasks: Tasks, kind: str
) -> None:
    before = await tasks.all()
    a, c = await find(tasks, "a"), await find(tasks, "c")
    match kind:
        case "update":
            changed = await tasks.update(a, title="A", description=None, tags=[], priority="high")
        case "complete":
            changed = await tasks.complete(a)
        case "reopen":
            changed = await tasks.complete(c, completed=False)
        case _:
            changed = await tasks.delete(a)
    assert await tasks.all() != before
    assert await tasks.undo(changed) == (c if kind == "reopen" else a,)
    assert await tasks.all() == before


async def test_undo_of_a_creation_takes_the_task_away(tasks: Tasks) -> None:
    before = await tasks.all()
    changed = await tasks.create("new")
    assert await tasks.undo(changed) == ()
    assert await tasks.all() == before


@pytest.mark.parametrize("kind", ["complete", "delete"])
async def test_undo_of_a_bulk_change_brings_back_every_task(tasks: Tasks, kind: str) -> None:
    before = await tasks.all()
    changed = await tasks.bulk(kind)
    restored = await tasks.undo(changed)
    assert len(restored) == (2 if kind == "complete" else 3)
    assert await tasks.all() == before


async def test_a_second_undo_changes_nothing_and_says_that_it_is_one(tasks: Tasks) -> None:
    changed = await tasks.update(await find(tasks, "a"), title="A")
    await tasks.undo(changed)
    before = await tasks.all()
    with pytest.raises(AlreadyUndoneError, match="already undone") as raised:
        await tasks.undo(changed)
    assert raised.value.status == 409
    assert await tasks.all() == before


async def test_undo_is_refused_if_the_task_was_changed_since(tasks: Tasks) -> None:
    a = await find(tasks, "a")
    changed = await tasks.complete(a)
    await tasks.update(a, title="A")
    before = await tasks.all()
    with pytest.raises(ConflictError, match="changed since") as raised:
        await tasks.undo(changed)
    assert not isinstance(raised.value, AlreadyUndoneError)
    assert await tasks.all() == before


async def test_a_task_changed_back_by_hand_was_changed_all_the_same(tasks: Tasks) -> None:
    a = await find(tasks, "a")
    changed = await tasks.update(a, title="A")
    await tasks.update(a, title="other")
    await tasks.update(a, title="A")
    with pytest.raises(ConflictError):
        await tasks.undo(changed)


async def test_undo_is_refused_if_the_task_was_deleted_since(tasks: Tasks) -> None:
    a = await find(tasks, "a")
    updated = await tasks.update(a, title="A")
    created = await tasks.create("new")
    await tasks.delete(a)
    await tasks.delete(created.tasks[0])
    for changed in (updated, created):
        with pytest.raises(ConflictError):
            await tasks.undo(changed)
    assert [task.title for task in await tasks.all()] == ["b", "c"]


@pytest.mark.parametrize("since", ["update", "delete"])
async def test_undo_of_a_bulk_change_is_all_or_nothing(tasks: Tasks, since: str) -> None:
    changed = await tasks.bulk("complete")
    if since == "update":
        await tasks.update(await find(tasks, "b"), title="B")
    else:
        await tasks.delete(await find(tasks, "b"))
    before = await tasks.all()
    with pytest.raises(ConflictError):
        await tasks.undo(changed)
    assert await tasks.all() == before


async def test_changes_are_undone_one_after_another_newest_first(tasks: Tasks) -> None:
    start = await tasks.all()
    a = await find(tasks, "a")
    changes = [
        await tasks.update(a, title="A"),
        await tasks.complete(a),
        await tasks.delete(a),
    ]
    for changed in changes[:-1]:
        with pytest.raises(ConflictError):
            await tasks.undo(changed)
    for changed in reversed(changes):
        await tasks.undo(changed)
    assert await tasks.all() == start


async def test_a_restored_task_can_be_deleted_and_restored_again(tasks: Tasks) -> None:
    start = await tasks.all()
    for _ in range(2):
        await tasks.undo(await tasks.delete(await find(tasks, "b")))
    assert await tasks.all() == start


async def test_an_unknown_change_is_not_found(tasks: Tasks) -> None:
    for change_id in ("", "chg_unknown", "\0", "\ud800"):
        with pytest.raises(NotFoundError):
            await tasks.undo(Changed(change_id, ()))


async def test_a_change_of_someone_else_is_not_found(
    database: Database, tasks: Tasks, bob: str
) -> None:
    changed = await tasks.complete(await find(tasks, "a"))
    before = await tasks.all()
    with pytest.raises(NotFoundError) as foreign:
        await Tasks(database, bob).undo(changed)
    with pytest.raises(NotFoundError) as unknown:
        await Tasks(database, bob).undo(Changed("chg_unknown", ()))
    assert str(foreign.value) == str(unknown.value)
    assert await tasks.all() == before
    await tasks.undo(changed)
