from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskchat.database import Database
from taskchat.errors import BadRequestError, InvalidFieldsError, NotFoundError
from taskchat.tasks import (
    BY_PERSON,
    Changed,
    Origin,
    Task,
    TaskDraft,
    TaskFilter,
    TaskPatch,
    complete_task,
    create_task,
    delete_task,
    get_task,
    list_tasks,
    update_task,
)

NOON = datetime(2030, 7, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


async def create(database: Database, user_id: str, title: str, **values: Any) -> Task:
    async with database.transaction() as connection:
        draft = TaskDraft(title=title, **values)
        changed = await create_task(connection, user_id, draft, origin=BY_PERSON)
    return changed.tasks[0]


async def update(database: Database, user_id: str, task_id: str, patch: TaskPatch) -> Changed:
    async with database.transaction() as connection:
        return await update_task(connection, user_id, task_id, patch, origin=BY_PERSON)


async def complete(
    database: Database, user_id: str, task_id: str, completed: bool = True
) -> Changed:
    async with database.transaction() as connection:
        return await complete_task(connection, user_id, task_id, completed, origin=BY_PERSON)


async def read(database: Database, user_id: str, task_id: str) -> Task:
    async with database.transaction() as connection:
        return await get_task(connection, user_id, task_id)


async def titles(database: Database, user_id: str, **filters: Any) -> list[str]:
    async with database.transaction() as connection:
        page = await list_tasks(connection, user_id, TaskFilter(**filters))
    assert page.next_cursor is None
    return [task.title for task in page.tasks]


async def recorded(database: Database) -> list[dict[str, Any]]:
    async with database.transaction() as connection:
        rows = await connection.execute("select * from changes order by created_at, id")
        return await rows.fetchall()


async def test_a_created_task_is_kept_with_all_that_was_said_of_it(
    database: Database, alice: str
) -> None:
    created = await create(
        database,
        alice,
        "Call mom",
        description="About the cake 🎂",
        priority="high",
        tags=("Family", "phone"),
        due_at=NOON,
    )
    assert created.id.startswith("tsk_")
    assert (created.title, created.description) == ("Call mom", "About the cake 🎂")
    assert (created.priority, created.tags) == ("high", ("family", "phone"))
    assert (created.due_at, created.completed_at) == (NOON, None)
    assert created.created_at == created.updated_at
    assert abs(datetime.now(UTC) - created.created_at) < timedelta(minutes=1)
    assert await read(database, alice, created.id) == created


async def test_the_earliest_and_latest_due_times_can_be_read_whatever_the_sessions_zone(
    database: Database, alice: str
) -> None:
    for due_at in (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, 23, 59, tzinfo=UTC)):
        created = await create(database, alice, "Far away", due_at=due_at)
        for zone in ("Etc/GMT+12", "Pacific/Kiritimati"):
            async with database.transaction() as connection:
                await connection.execute(f"set local timezone = '{zone}'")
                assert (await get_task(connection, alice, created.id)).due_at == due_at


async def test_an_update_changes_what_it_sets_and_the_time_of_change(
    database: Database, alice: str
) -> None:
    task = await create(database, alice, "Call mom", tags=("family",), due_at=NOON)
    changed = await update(database, alice, task.id, TaskPatch(title="Call dad", due_at=None))
    (updated,) = changed.tasks
    assert updated.updated_at > task.updated_at
    expected = {"title": "Call dad", "due_at": None, "updated_at": updated.updated_at}
    assert updated == task.model_copy(update=expected)
    assert await read(database, alice, task.id) == updated


async def test_an_update_that_changes_nothing_is_no_change(database: Database, alice: str) -> None:
    task = await create(database, alice, "Call mom")
    assert await update(database, alice, task.id, TaskPatch(title="Call mom")) == Changed(
        None, (task,)
    )
    assert await update(database, alice, task.id, TaskPatch()) == Changed(None, (task,))
    assert len(await recorded(database)) == 1


async def test_completing_and_reopening_each_change_a_task_once(
    database: Database, alice: str
) -> None:
    task = await create(database, alice, "Call mom")
    done = await complete(database, alice, task.id)
    assert done.change_id is not None
    assert done.tasks[0].completed_at is not None
    assert await complete(database, alice, task.id) == Changed(None, done.tasks)
    reopened = await complete(database, alice, task.id, completed=False)
    assert reopened.change_id is not None
    assert reopened.tasks[0].completed_at is None
    assert await complete(database, alice, task.id, False) == Changed(None, reopened.tasks)


async def test_a_deleted_task_is_gone_and_returned_as_it_was(
    database: Database, alice: str
) -> None:
    task = await create(database, alice, "Call mom")
    async with database.transaction() as connection:
        changed = await delete_task(connection, alice, task.id, origin=BY_PERSON)
    assert changed.tasks == (task,)
    assert await titles(database, alice) == []
    with pytest.raises(NotFoundError):
        await read(database, alice, task.id)


async def test_each_change_is_recorded_with_its_kind_and_origin(
    database: Database, alice: str
) -> None:
    origin = Origin(run_id="run_alice", call_id="call_1")
    async with database.transaction() as connection:
        created = await create_task(connection, alice, TaskDraft(title="a"), origin=origin)
        task_id = created.tasks[0].id
        changes = [
            created,
            await update_task(connection, alice, task_id, TaskPatch(title="b"), origin=origin),
            await complete_task(connection, alice, task_id, origin=origin),
            await complete_task(connection, alice, task_id, False, origin=origin),
            await update_task(
                connection, alice, task_id, TaskPatch(title="c", completed=True), origin=BY_PERSON
            ),
            await delete_task(connection, alice, task_id, origin=BY_PERSON),
        ]
    rows = {row["id"]: row for row in await recorded(database)}
    kinds = [rows[str(changed.change_id)]["kind"] for changed in changes]
    assert kinds == ["create", "update", "complete", "reopen", "update", "delete"]
    origins = [
        (rows[str(changed.change_id)]["run_id"], rows[str(changed.change_id)]["call_id"])
        for changed in changes
    ]
    assert origins == [("run_alice", "call_1")] * 4 + [(None, None)] * 2


async def test_a_change_is_not_recorded_if_the_transaction_fails(
    database: Database, alice: str
) -> None:
    async def fail_after_creating() -> None:
        async with database.transaction() as connection:
            await create_task(connection, alice, TaskDraft(title="a"), origin=BY_PERSON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_after_creating()
    assert await recorded(database) == []
    assert await titles(database, alice) == []


async def test_lists_show_open_before_done_then_soonest_due_then_newest(
    database: Database, alice: str
) -> None:
    done = await create(database, alice, "done", due_at=NOON - DAY)
    await complete(database, alice, done.id)
    for title, due_at in [
        ("older, no due time", None),
        ("newer, no due time", None),
        ("later", NOON + DAY),
        ("older, sooner", NOON),
        ("newer, sooner", NOON),
    ]:
        await create(database, alice, title, due_at=due_at)
    assert await titles(database, alice) == [
        "newer, sooner",
        "older, sooner",
        "later",
        "newer, no due time",
        "older, no due time",
        "done",
    ]


async def pages(database: Database, user_id: str, filters: TaskFilter, limit: int) -> list[Task]:
    tasks: list[Task] = []
    cursor = None
    async with database.transaction() as connection:
        while True:
            page = await list_tasks(connection, user_id, filters, limit=limit, cursor=cursor)
            assert len(page.tasks) <= limit
            tasks += page.tasks
            cursor = page.next_cursor
            if cursor is None:
                return tasks


@pytest.mark.parametrize(("completed", "count"), [(None, 12), (True, 3), (False, 9)])
async def test_pages_together_are_the_whole_list(
    database: Database, alice: str, completed: bool | None, count: int
) -> None:
    for number in range(12):
        due_at = [None, NOON, NOON + number * DAY][number % 3]
        task = await create(database, alice, str(number), due_at=due_at)
        if number % 4 == 0:
            await complete(database, alice, task.id)
    filters = TaskFilter(completed=completed)
    whole = await pages(database, alice, filters, limit=100)
    assert len({task.id for task in whole}) == count
    for limit in (1, 2, 3, 7):
        assert await pages(database, alice, filters, limit=limit) == whole


async def test_a_cursor_of_another_filter_still_shows_only_what_the_filter_says(
    database: Database, alice: str
) -> None:
    for title in ["first", "second"]:
        task = await create(database, alice, title)
        await complete(database, alice, task.id)
    await create(database, alice, "open")
    await create(database, alice, "also open")
    async with database.transaction() as connection:
        cursor = (await list_tasks(connection, alice, TaskFilter(), limit=1)).next_cursor
        page = await list_tasks(connection, alice, TaskFilter(completed=True), cursor=cursor)
        assert [task.title for task in page.tasks] == ["second", "first"]
        cursor = (await list_tasks(connection, alice, TaskFilter(), limit=3)).next_cursor
        page = await list_tasks(connection, alice, TaskFilter(completed=False), cursor=cursor)
        assert page.tasks == ()


async def test_filters_select_by_completion_priority_tag_and_due_time(
    database: Database, alice: str
) -> None:
    a = await create(database, alice, "a", priority="high", tags=("home", "x"), due_at=NOON)
    await create(database, alice, "b", priority="low", tags=("homework",), due_at=NOON + DAY)
    await create(database, alice, "c", tags=("home",))
    await complete(database, alice, a.id)
    assert await titles(database, alice, completed=True) == ["a"]
    assert await titles(database, alice, completed=False) == ["b", "c"]
    assert await titles(database, alice, priority="medium") == ["c"]
    assert await titles(database, alice, tag="HOME") == ["c", "a"]
    assert await titles(database, alice, due_before=NOON + DAY) == ["a"]
    assert await titles(database, alice, due_after=NOON) == ["b", "a"]
    assert await titles(database, alice, due_after=NOON, due_before=NOON) == []
    assert await titles(database, alice, tag="home", priority="high", completed=False) == []


async def test_q_is_looked_for_in_title_and_description_letter_by_letter_in_any_case(
    database: Database, alice: str
) -> None:
    await create(database, alice, "cake", description="For the Birthday 🎂")
    for title in ["100% done_", "C:\\temp", "crème brûlée", "привет", "Οδός"]:
        await create(database, alice, title)
    for q, found in {
        "CAKE": ["cake"],
        "birthday": ["cake"],
        "🎂": ["cake"],
        "100%": ["100% done_"],
        "%": ["100% done_"],
        "_": ["100% done_"],
        "\\": ["C:\\temp"],
        "CRÈME": ["crème brûlée"],
        "ПРИВЕТ": ["привет"],
        "ΟΔΌΣ": ["Οδός"],
        "'; drop table tasks; --": [],
    }.items():
        assert await titles(database, alice, q=q) == found


async def test_a_limit_out_of_range_is_named(database: Database, alice: str) -> None:
    async with database.transaction() as connection:
        for limit in (0, -1, 101, 10**30):
            with pytest.raises(InvalidFieldsError, match="limit"):
                await list_tasks(connection, alice, TaskFilter(), limit=limit)


async def test_a_cursor_that_the_list_never_gave_is_a_bad_request(
    database: Database, alice: str
) -> None:
    async with database.transaction() as connection:
        with pytest.raises(BadRequestError):
            await list_tasks(connection, alice, TaskFilter(), cursor="garbage")


async def test_nothing_shows_or_changes_the_tasks_of_someone_else(
    database: Database, alice: str, bob: str
) -> None:
    task = await create(database, alice, "Call mom", tags=("home",))
    async with database.transaction() as connection:
        with pytest.raises(NotFoundError) as foreign:
            await get_task(connection, bob, task.id)
        with pytest.raises(NotFoundError) as unknown:
            await get_task(connection, bob, "tsk_unknown")
        assert str(foreign.value) == str(unknown.value)
        patch = TaskPatch(title="Hacked")
        with pytest.raises(NotFoundError):
            await update_task(connection, bob, task.id, patch, origin=BY_PERSON)
        with pytest.raises(NotFoundError):
            await complete_task(connection, bob, task.id, origin=BY_PERSON)
        with pytest.raises(NotFoundError):
            await delete_task(connection, bob, task.id, origin=BY_PERSON)
    assert await titles(database, bob) == []
    assert await titles(database, bob, tag="home", q="mom") == []
    assert await read(database, alice, task.id) == task
    assert len(await recorded(database)) == 1


async def test_an_id_of_any_form_that_is_no_tasks_is_not_found(
    database: Database, alice: str
) -> None:
    async with database.transaction() as connection:
        for task_id in ("", "tsk_unknown", "\0", "tsk_\0", "\ud800", "ünknown", "x" * 100_000):
            with pytest.raises(NotFoundError):
                await get_task(connection, alice, task_id)
            with pytest.raises(NotFoundError):
                await delete_task(connection, alice, task_id, origin=BY_PERSON)
            with pytest.raises(NotFoundError):
                await update_task(connection, alice, task_id, TaskPatch(), origin=BY_PERSON)
