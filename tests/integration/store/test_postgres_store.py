import asyncio
from zoneinfo import ZoneInfo

import pytest
from chatkit import store as sdk
from chatkit.types import ThreadMetadata

from taskchat.clock import utc_now
from taskchat.context import RequestContext
from taskchat.database import Database
from taskchat.errors import BadRequestError, NotFoundError, NotTheLastMessageError
from taskchat.threads.errors import NotStoredError
from taskchat.threads.items import append_item, load_newest_items, save_feedback, set_aside_answer
from taskchat.threads.retries import settle_retry
from taskchat.threads.store import PostgresStore
from taskchat.users import User
from tests.conformance.samples import all_items, answer, new_thread, question, text_of

ALICE = RequestContext(user=User("alice", "alice@example.org"), timezone=ZoneInfo("Europe/Berlin"))
BOB = RequestContext(user=User("bob"), timezone=ZoneInfo("UTC"))


@pytest.fixture
def store(database: Database) -> PostgresStore[RequestContext]:
    return PostgresStore[RequestContext](database)


@pytest.fixture
async def thread(store: PostgresStore[RequestContext]) -> ThreadMetadata:
    """A thread of Alice's with the messages a, b and c."""
    thread = await new_thread(store, ALICE)
    for text in "abc":
        await store.add_thread_item(thread.id, answer(thread.id, text, f"msg_{text}"), ALICE)
    return thread


async def texts(
    store: PostgresStore[RequestContext], thread: ThreadMetadata, context: RequestContext
) -> str:
    return "".join(text_of(item) for item in await all_items(store, thread.id, context))


async def seqs(database: Database, thread: ThreadMetadata) -> list[int]:
    async with database.transaction() as connection:
        rows = await connection.execute(
            "select seq from thread_items where thread_id = %s order by seq", [thread.id]
        )
        return [row["seq"] for row in await rows.fetchall()]


def test_what_is_not_found_is_so_for_the_sdk_and_for_the_endpoint() -> None:
    assert issubclass(NotStoredError, sdk.NotFoundError)
    assert issubclass(NotStoredError, NotFoundError)


async def test_the_first_thread_makes_the_person(
    store: PostgresStore[RequestContext], database: Database
) -> None:
    await new_thread(store, ALICE)
    async with database.transaction() as connection:
        rows = await connection.execute("select id, email from users")
        assert await rows.fetchall() == [{"id": "alice", "email": "alice@example.org"}]


async def test_places_have_no_gaps_whoever_writes(
    store: PostgresStore[RequestContext], database: Database, thread: ThreadMetadata
) -> None:
    same = answer(thread.id, "same")
    new = (answer(thread.id) for _ in range(20))
    await asyncio.gather(
        *(store.add_thread_item(thread.id, item, ALICE) for item in [*new, *[same] * 10])
    )
    assert await seqs(database, thread) == list(range(1, 25))


async def test_what_is_not_unicode_is_replaced(store: PostgresStore[RequestContext]) -> None:
    thread = await new_thread(store, ALICE, title="a\x00b", metadata={"k\ud800": ["\udfff"]})
    loaded = await store.load_thread(thread.id, ALICE)
    assert loaded.title == "a\N{REPLACEMENT CHARACTER}b"
    assert loaded.metadata == {"k\N{REPLACEMENT CHARACTER}": ["\N{REPLACEMENT CHARACTER}"]}


async def test_times_come_back_in_utc(store: PostgresStore[RequestContext]) -> None:
    thread = await new_thread(store, ALICE)
    offset = (await store.load_thread(thread.id, ALICE)).created_at.utcoffset()
    assert offset is not None
    assert not offset


@pytest.mark.parametrize("cursor", ["msg_unknown", "msg_elsewhere", "", "\x00"])
async def test_a_cursor_that_is_not_of_the_thread_is_a_bad_request(
    store: PostgresStore[RequestContext], thread: ThreadMetadata, cursor: str
) -> None:
    elsewhere = await new_thread(store, ALICE)
    await store.add_thread_item(elsewhere.id, answer(elsewhere.id, "x", "msg_elsewhere"), ALICE)
    with pytest.raises(BadRequestError, match="cursor"):
        await store.load_thread_items(thread.id, cursor, 10, "asc", ALICE)


async def test_a_thread_of_others_is_no_cursor(store: PostgresStore[RequestContext]) -> None:
    theirs = await new_thread(store, BOB)
    for cursor in (theirs.id, "thr_unknown"):
        with pytest.raises(BadRequestError, match="cursor"):
            await store.load_threads(10, cursor, "desc", ALICE)


async def test_an_unknown_order_is_a_bad_request(
    store: PostgresStore[RequestContext], thread: ThreadMetadata
) -> None:
    with pytest.raises(BadRequestError, match="order"):
        await store.load_thread_items(thread.id, None, 10, "ASC; drop table users", ALICE)
    with pytest.raises(BadRequestError, match="order"):
        await store.load_threads(10, None, "random", ALICE)


@pytest.mark.parametrize(("limit", "size"), [(-1, 1), (0, 1), (2, 2), (10**30, 3)])
async def test_limits_are_kept_within_bounds(
    store: PostgresStore[RequestContext], thread: ThreadMetadata, limit: int, size: int
) -> None:
    page = await store.load_thread_items(thread.id, None, limit, "asc", ALICE)
    assert len(page.data) == size


async def test_a_page_has_at_most_a_thousand_items(
    store: PostgresStore[RequestContext], thread: ThreadMetadata, database: Database
) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            "insert into thread_items (thread_id, id, seq, type, payload)"
            " select thread_id, 'msg_' || n, seq + n, type, payload"
            " from thread_items, generate_series(1, 998) n"
            " where thread_id = %s and id = 'msg_c'",
            [thread.id],
        )
    page = await store.load_thread_items(thread.id, None, 10_000, "asc", ALICE)
    assert (len(page.data), page.has_more) == (1_000, True)


async def test_deleting_what_is_not_there_is_not_found(
    store: PostgresStore[RequestContext], thread: ThreadMetadata
) -> None:
    for attempt in (
        store.delete_thread("thr_unknown", ALICE),
        store.delete_thread_item(thread.id, "msg_unknown", ALICE),
        store.delete_attachment("atc_unknown", ALICE),
    ):
        with pytest.raises(NotStoredError):
            await attempt


async def test_an_item_that_cannot_be_read_is_skipped(
    store: PostgresStore[RequestContext],
    database: Database,
    thread: ThreadMetadata,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            """update thread_items set payload = '{"content": "the private words"}'
            where id = 'msg_b'"""
        )
    assert await texts(store, thread, ALICE) == "ac"
    page = await store.load_thread_items(thread.id, None, 2, "asc", ALICE)
    assert (len(page.data), page.after) == (1, "msg_b")
    rest = await store.load_thread_items(thread.id, page.after, 2, "asc", ALICE)
    assert [item.id for item in rest.data] == ["msg_c"]
    with pytest.raises(NotStoredError):
        await store.load_item(thread.id, "msg_b", ALICE)
    assert "msg_b" in caplog.text
    assert "private" not in caplog.text


# --- answering anew ---------------------------------------------------------------------------


@pytest.fixture
async def answered(
    store: PostgresStore[RequestContext], database: Database, thread: ThreadMetadata
) -> ThreadMetadata:
    """The thread with a question `?` and its answer `d`, which run_1 has set aside."""
    await store.add_thread_item(thread.id, question(thread.id, "?", "msg_q"), ALICE)
    await store.add_thread_item(thread.id, answer(thread.id, "d"), ALICE)
    async with database.transaction() as connection:
        await set_aside_answer(connection, "alice", thread.id, "msg_q", "run_1")
    return thread


async def test_an_answer_set_aside_is_gone_for_its_run_and_there_for_the_person(
    store: PostgresStore[RequestContext], database: Database, answered: ThreadMetadata
) -> None:
    async def newest(run_id: str) -> str:
        async with database.transaction() as connection:
            items = await load_newest_items(connection, "alice", answered.id, run_id, limit=9)
        return "".join(text_of(item) for item in items)

    assert await newest("run_1") == "?cba"
    assert await newest("run_2") == "d?cba"
    assert await texts(store, answered, ALICE) == "abc?d"


async def test_a_retry_that_succeeds_replaces_the_old_answer(
    store: PostgresStore[RequestContext], database: Database, answered: ThreadMetadata
) -> None:
    await store.add_thread_item(answered.id, answer(answered.id, "e"), ALICE)
    async with database.transaction() as connection:
        await settle_retry(connection, "run_1", keep_new=True)
    assert await texts(store, answered, ALICE) == "abc?e"


async def test_a_retry_that_fails_leaves_the_old_answer_in_its_place(
    store: PostgresStore[RequestContext], database: Database, answered: ThreadMetadata
) -> None:
    async with database.transaction() as connection:
        await settle_retry(connection, "run_1", keep_new=False)
        await settle_retry(connection, "run_2", keep_new=True)
    assert await texts(store, answered, ALICE) == "abc?d"


async def test_only_the_newest_message_of_ones_own_is_answered_anew(
    store: PostgresStore[RequestContext], database: Database, answered: ThreadMetadata
) -> None:
    async def set_aside(user_id: str, item_id: str) -> None:
        async with database.transaction() as connection:
            await set_aside_answer(connection, user_id, answered.id, item_id, "run_2")

    await store.add_thread_item(answered.id, question(answered.id, "!", "msg_later"), ALICE)
    with pytest.raises(NotTheLastMessageError):
        await set_aside("alice", "msg_q")
    with pytest.raises(NotStoredError):
        await set_aside("bob", "msg_later")
    with pytest.raises(NotStoredError):
        await set_aside("alice", "msg_unknown")
    with pytest.raises(BadRequestError):
        await set_aside("alice", "msg_a")
    assert await texts(store, answered, ALICE) == "abc?d!"


# --- in a transaction of the caller's ---------------------------------------------------------


async def test_an_item_is_appended_in_the_callers_transaction_or_not_at_all(
    store: PostgresStore[RequestContext], database: Database, thread: ThreadMetadata
) -> None:
    async def append_and_fail() -> None:
        async with database.transaction() as connection:
            await append_item(connection, "alice", thread.id, answer(thread.id, "d"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await append_and_fail()
    async with database.transaction() as connection:
        await append_item(connection, "alice", thread.id, answer(thread.id, "e"))
    assert await texts(store, thread, ALICE) == "abce"
    assert await seqs(database, thread) == [1, 2, 3, 4]


async def test_the_newest_feedback_counts(database: Database, thread: ThreadMetadata) -> None:
    async with database.transaction() as connection:
        await save_feedback(connection, "alice", thread.id, ["msg_a", "msg_b"], "positive")
        await save_feedback(connection, "alice", thread.id, ["msg_b", "msg_b"], "negative")
        rows = await connection.execute("select item_id, kind from feedback order by item_id")
        assert [tuple(row.values()) for row in await rows.fetchall()] == [
            ("msg_a", "positive"),
            ("msg_b", "negative"),
        ]


@pytest.mark.parametrize(("user", "item"), [("alice", "msg_unknown"), ("bob", "msg_a")])
async def test_feedback_on_what_is_not_ones_own_is_not_found(
    database: Database, thread: ThreadMetadata, user: str, item: str
) -> None:
    with pytest.raises(NotStoredError):
        async with database.transaction() as connection:
            await save_feedback(connection, user, thread.id, ["msg_b", item], "positive")
    async with database.transaction() as connection:
        rows = await connection.execute("select * from feedback")
        assert await rows.fetchall() == []


async def test_deleting_a_person_deletes_all_that_is_theirs(
    store: PostgresStore[RequestContext], database: Database, thread: ThreadMetadata
) -> None:
    async with database.transaction() as connection:
        await save_feedback(connection, "alice", thread.id, ["msg_a"], "positive")
        await connection.execute("delete from users where id = 'alice'")
        rows = await connection.execute("select * from thread_items")
        assert await rows.fetchall() == []


async def test_a_naive_time_written_now_reads_as_now(store: PostgresStore[RequestContext]) -> None:
    thread = await new_thread(store, ALICE, created_at=utc_now().astimezone().replace(tzinfo=None))
    loaded = await store.load_thread(thread.id, ALICE)
    assert abs((utc_now() - loaded.created_at).total_seconds()) < 60
