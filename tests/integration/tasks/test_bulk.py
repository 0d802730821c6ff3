from dataclasses import replace
from typing import Any

import pytest

from taskchat.database import Database
from taskchat.errors import BadRequestError, ConflictError, NotFoundError
from taskchat.tasks import (
    BY_PERSON,
    BulkOutcome,
    Confirmation,
    Origin,
    Task,
    TaskDraft,
    TaskFilter,
    TaskPatch,
    bulk,
    cancel_bulk,
    complete_task,
    confirm_bulk,
    create_task,
    delete_task,
    list_tasks,
    load_confirmation,
    propose_bulk,
    update_task,
)


async def create(database: Database, user_id: str, *titles: str, **values: Any) -> list[Task]:
    async with database.transaction() as connection:
        return [
            (
                await create_task(
                    connection, user_id, TaskDraft(title=title, **values), origin=BY_PERSON
                )
            ).tasks[0]
            for title in titles
        ]


async def tasks_of(database: Database, user_id: str, **filters: Any) -> list[str]:
    async with database.transaction() as connection:
        page = await list_tasks(connection, user_id, TaskFilter(**filters))
    return sorted(task.title for task in page.tasks)


async def propose(database: Database, user_id: str, kind: Any, **filters: Any) -> Confirmation:
    async with database.transaction() as connection:
        thread_id = f"thr_{user_id}"
        return await propose_bulk(connection, user_id, thread_id, kind, TaskFilter(**filters))


async def confirm(
    database: Database, user_id: str, confirmation: Confirmation, origin: Origin = BY_PERSON
) -> BulkOutcome:
    async with database.transaction() as connection:
        return await confirm_bulk(connection, user_id, confirmation.id, origin=origin)


async def cancel(database: Database, user_id: str, confirmation: Confirmation) -> None:
    async with database.transaction() as connection:
        await cancel_bulk(connection, user_id, confirmation.id)


async def test_a_proposal_shows_the_tasks_that_match_and_changes_nothing(
    database: Database, alice: str
) -> None:
    await create(database, alice, "a", "b", tags=("home",))
    await create(database, alice, "c")
    confirmation = await propose(database, alice, "delete", tag="home")
    assert confirmation.id.startswith("cnf_")
    assert [task.title for task in confirmation.tasks] == ["b", "a"]
    assert confirmation.task_ids == tuple(task.id for task in confirmation.tasks)
    assert (confirmation.kind, confirmation.status) == ("delete", "pending")
    assert await tasks_of(database, alice) == ["a", "b", "c"]
    async with database.transaction() as connection:
        assert await load_confirmation(connection, alice, confirmation.id) == confirmation


async def test_only_open_tasks_are_proposed_for_completion(database: Database, alice: str) -> None:
    a, _ = await create(database, alice, "a", "b")
    async with database.transaction() as connection:
        await complete_task(connection, alice, a.id, origin=BY_PERSON)
    confirmation = await propose(database, alice, "complete")
    assert [task.title for task in confirmation.tasks] == ["b"]
    assert (await propose(database, alice, "complete", completed=True)).tasks == ()


async def test_a_proposal_that_matches_nothing_leaves_nothing_to_decide(
    database: Database, alice: str
) -> None:
    confirmation = await propose(database, alice, "delete", q="no such task")
    assert confirmation.tasks == ()
    with pytest.raises(NotFoundError):
        await confirm(database, alice, confirmation)


async def test_more_tasks_than_one_change_can_hold_are_refused(
    database: Database, alice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_BULK", 2)
    await create(database, alice, "a", "b")
    assert len((await propose(database, alice, "delete")).tasks) == 2
    await create(database, alice, "c")
    with pytest.raises(BadRequestError, match="More than 2 tasks match"):
        await propose(database, alice, "delete")


@pytest.mark.parametrize("kind", ["complete", "delete"])
async def test_confirming_changes_exactly_the_tasks_that_were_shown(
    database: Database, alice: str, kind: str
) -> None:
    await create(database, alice, "a", "b")
    confirmation = await propose(database, alice, kind)
    await create(database, alice, "came later")
    outcome = await confirm(database, alice, confirmation)
    assert outcome.changed is not None
    assert outcome.changed.change_id is not None
    assert [task.title for task in outcome.changed.tasks] == ["b", "a"]
    assert (outcome.kind, outcome.missing) == (kind, 0)
    assert await tasks_of(database, alice, completed=False) == ["came later"]
    assert await tasks_of(database, alice, completed=True) == (
        ["a", "b"] if kind == "complete" else []
    )


async def test_a_shown_task_that_no_longer_meets_the_filters_is_still_one_that_was_shown(
    database: Database, alice: str
) -> None:
    (a,) = await create(database, alice, "a", tags=("home",))
    confirmation = await propose(database, alice, "delete", tag="home")
    async with database.transaction() as connection:
        await update_task(connection, alice, a.id, TaskPatch(tags=()), origin=BY_PERSON)
    await confirm(database, alice, confirmation)
    assert await tasks_of(database, alice) == []


async def test_tasks_that_are_gone_or_done_by_the_time_of_the_click_are_counted(
    database: Database, alice: str
) -> None:
    a, b, _ = await create(database, alice, "a", "b", "c")
    confirmation = await propose(database, alice, "complete")
    async with database.transaction() as connection:
        await delete_task(connection, alice, a.id, origin=BY_PERSON)
        done = await complete_task(connection, alice, b.id, origin=BY_PERSON)
        shown = await load_confirmation(connection, alice, confirmation.id)
    assert [task.title for task in shown.tasks] == ["c", "b"]
    assert shown.task_ids == confirmation.task_ids
    outcome = await confirm(database, alice, confirmation)
    assert outcome.changed is not None
    assert [task.title for task in outcome.changed.tasks] == ["c"]
    assert outcome.missing == 2
    async with database.transaction() as connection:
        page = await list_tasks(connection, alice, TaskFilter())
    assert done.tasks[0] in page.tasks


async def test_confirming_when_nothing_is_left_to_do_is_no_change(
    database: Database, alice: str
) -> None:
    (a,) = await create(database, alice, "a")
    confirmation = await propose(database, alice, "delete")
    async with database.transaction() as connection:
        await delete_task(connection, alice, a.id, origin=BY_PERSON)
    nothing = BulkOutcome(kind="delete", changed=None, missing=1, decided_now=True)
    assert await confirm(database, alice, confirmation) == nothing
    again = replace(nothing, decided_now=False)
    assert await confirm(database, alice, confirmation) == again


@pytest.mark.parametrize("kind", ["complete", "delete"])
async def test_a_second_click_gives_the_first_ones_outcome_and_changes_nothing(
    database: Database, alice: str, kind: str
) -> None:
    a, _ = await create(database, alice, "a", "b")
    confirmation = await propose(database, alice, kind)
    first = await confirm(database, alice, confirmation)
    if kind == "complete":
        async with database.transaction() as connection:
            await complete_task(connection, alice, a.id, False, origin=BY_PERSON)
    before = await tasks_of(database, alice, completed=False)
    assert first.decided_now
    assert await confirm(database, alice, confirmation) == replace(first, decided_now=False)
    assert await tasks_of(database, alice, completed=False) == before


async def test_a_cancelled_change_is_not_done(database: Database, alice: str) -> None:
    await create(database, alice, "a")
    confirmation = await propose(database, alice, "delete")
    await cancel(database, alice, confirmation)
    await cancel(database, alice, confirmation)
    with pytest.raises(ConflictError, match="cancelled"):
        await confirm(database, alice, confirmation)
    assert await tasks_of(database, alice) == ["a"]


async def test_a_confirmed_change_cannot_be_cancelled(database: Database, alice: str) -> None:
    await create(database, alice, "a")
    confirmation = await propose(database, alice, "delete")
    await confirm(database, alice, confirmation)
    with pytest.raises(ConflictError, match="already done"):
        await cancel(database, alice, confirmation)


async def test_a_bulk_change_is_one_change_of_its_origin(database: Database, alice: str) -> None:
    await create(database, alice, "a", "b")
    confirmation = await propose(database, alice, "delete")
    await confirm(database, alice, confirmation, Origin(run_id="run_alice", call_id="call_1"))
    async with database.transaction() as connection:
        rows = await connection.execute(
            "select run_id, call_id, jsonb_array_length(before) as tasks"
            " from changes where kind = 'delete'"
        )
        assert await rows.fetchall() == [{"run_id": "run_alice", "call_id": "call_1", "tasks": 2}]


async def test_a_confirmation_of_someone_else_is_not_found(
    database: Database, alice: str, bob: str
) -> None:
    await create(database, alice, "a")
    confirmation = await propose(database, alice, "delete")
    for confirmation_id in (confirmation.id, "cnf_unknown", "\0", "\ud800"):
        async with database.transaction() as connection:
            with pytest.raises(NotFoundError, match="no such confirmation"):
                await load_confirmation(connection, bob, confirmation_id)
            with pytest.raises(NotFoundError, match="no such confirmation"):
                await confirm_bulk(connection, bob, confirmation_id, origin=BY_PERSON)
            with pytest.raises(NotFoundError, match="no such confirmation"):
                await cancel_bulk(connection, bob, confirmation_id)
    assert await tasks_of(database, alice) == ["a"]


async def test_a_proposal_holds_no_tasks_of_someone_else(
    database: Database, alice: str, bob: str
) -> None:
    await create(database, alice, "a")
    await create(database, bob, "b")
    confirmation = await propose(database, bob, "delete")
    assert [task.title for task in confirmation.tasks] == ["b"]
    await confirm(database, bob, confirmation)
    assert await tasks_of(database, alice) == ["a"]
