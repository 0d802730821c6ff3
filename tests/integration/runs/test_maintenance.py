"""Upkeep: what is past its time goes, in batches, and all else stays."""

import asyncio
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from taskchat import maintenance
from taskchat.database import Database
from taskchat.settings import RetentionSettings
from tests.support.answers import rows

ROOT = Path(__file__).parents[3]
FOR_EVER = RetentionSettings()

AGED = """
with person as (
    insert into users (id) values ('alice') returning id
), thread as (
    insert into threads (id, user_id) select 'thr', id from person returning id, user_id
), ended as (
    insert into runs (id, thread_id, user_id, status, lease_expires_at, ended_at)
    select 'run_' || name, id, user_id, 'completed', now(), now() - age
    from thread, (values ('old', interval '25 h'), ('new', interval '23 h')) as run (name, age)
    returning id
), running as (
    insert into runs (id, thread_id, user_id, lease_expires_at)
    select 'run_now', id, user_id, now() + interval '15 s' from thread returning id
), events as (
    insert into run_events (run_id, seq, events)
    select id, 0, '{}' from (table ended union all table running) as run
), clicks as (
    insert into clicks (user_id, idempotency_key, request_hash, created_at)
    select id, name, '', now() - age
    from person, (values ('old', interval '25 h'), ('new', interval '23 h')) as click (name, age)
), counts as (
    insert into message_counts (user_id, period, window_start, count)
    select id, 'minute', now() - age, 1
    from person, (values (interval '49 h'), (interval '47 h')) as counted (age)
), totals as (
    insert into token_totals (day, tokens)
    select current_date - days, 1 from (values (4), (0)) as total (days)
), erasures as (
    insert into erasures (person_hash, erased_at)
    select '', now() - age from (values (interval '25 h'), (interval '23 h')) as erased (age)
), changes as (
    insert into changes (id, user_id, kind, before, after, created_at)
    select name, id, 'create', '[]', '[]', now() - age
    from person, (values ('old', interval '31 d'), ('new', interval '29 d')) as change (name, age)
)
insert into confirmations (id, user_id, thread_id, kind, task_ids, created_at)
select name, user_id, id, 'delete', '{}', now() - age
from thread, (values ('old', interval '31 d'), ('new', interval '29 d')) as card (name, age)
"""
OLD = {
    "lost_runs": 0,
    "logs": 1,
    "clicks": 1,
    "message_counts": 1,
    "token_totals": 1,
    "erasures": 1,
    "unsent_attachments": 0,
    "confirmations": 1,
    "changes": 1,
}


async def left(url: str) -> list[str]:
    """What is there, by table."""
    query = """
        select 'log ' || run_id as what from run_events
        union all select 'click ' || idempotency_key from clicks
        union all select 'count' from message_counts
        union all select 'total' from token_totals
        union all select 'erasure' from erasures
        union all select 'change ' || id from changes
        union all select 'card ' || id from confirmations
    """
    return sorted(row["what"] for row in await rows(url, query))


KEPT = [
    "card new",
    "change new",
    "click new",
    "count",
    "erasure",
    "log run_new",
    "log run_now",
    "total",
]


async def test_what_is_past_its_time_goes(database: Database, database_url: str) -> None:
    await rows(database_url, AGED)
    assert await maintenance.maintain(database, FOR_EVER, seconds=5) == OLD
    assert await left(database_url) == KEPT
    assert await maintenance.maintain(database, FOR_EVER, seconds=5) == dict.fromkeys(OLD, 0)


THREADS = """
with person as (
    insert into users (id) values ('alice') returning id
), thread as (
    insert into threads (id, user_id, created_at, updated_at)
    select name, id, now() - made, now() - changed
    from person, (values
        ('forgotten', interval '40 d', interval '31 d'),
        ('old but in use', interval '40 d', interval '29 d'),
        ('new', interval '1 d', interval '1 d'),
        ('being answered', interval '40 d', interval '31 d')
    ) as thread (name, made, changed)
    returning id, user_id
), item as (
    insert into thread_items (thread_id, id, seq, type, payload)
    select id, 'msg', 1, 'user_message', '{}' from thread
)
insert into runs (id, thread_id, user_id, lease_expires_at)
select 'run', id, user_id, now() + interval '1 h' from thread where id = 'being answered'
"""


async def test_conversations_are_kept_as_long_as_the_setting_says(
    database: Database, database_url: str
) -> None:
    await rows(database_url, THREADS)
    assert "threads" not in await maintenance.maintain(database, FOR_EVER, seconds=5)
    month = RetentionSettings.from_environment({"THREADS_KEPT_DAYS": "30"})
    assert (await maintenance.maintain(database, month, seconds=5))["threads"] == 1
    left = await rows(database_url, "select thread_id from thread_items order by thread_id")
    assert [row["thread_id"] for row in left] == ["being answered", "new", "old but in use"]


async def test_twice_at_once_it_does_each_thing_once(database: Database, database_url: str) -> None:
    await rows(database_url, AGED)
    both = await asyncio.gather(
        *(maintenance.maintain(database, FOR_EVER, seconds=5) for _ in range(2))
    )
    assert {name: sum(counts[name] for counts in both) for name in OLD} == OLD
    assert await left(database_url) == KEPT


async def test_it_works_in_batches_and_ends_in_time(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rows(database_url, "insert into users (id) values ('alice')")
    await rows(
        database_url,
        "insert into message_counts (user_id, period, window_start, count) "
        "select 'alice', 'minute', now() - n * interval '1 h', 1 from generate_series(49, 2548) n",
    )
    steps: dict[str, Any] = {"counts": maintenance._delete("delete_counts", timedelta(days=2))}
    monkeypatch.setattr(maintenance, "_STEPS", steps)
    assert await maintenance.maintain(database, FOR_EVER, seconds=0) == {"counts": 0}
    async with database.transaction() as connection:
        assert await steps["counts"](connection) == maintenance.BATCH
    assert await maintenance.maintain(database, FOR_EVER, seconds=5) == {"counts": 1500}


async def test_the_function_tells_what_it_did(database_url: str) -> None:
    await rows(database_url, AGED)
    code = (
        "import json; from functions.maintenance.app import handler\n"
        "class Context: get_remaining_time_in_millis = staticmethod(lambda: 30000)\n"
        "print('answer:' + json.dumps(handler({}, Context())))"
    )
    finished = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", code],
        env={"PATH": "/usr/bin:/bin", "DATABASE_URL": database_url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    answer = next(line for line in finished.stdout.splitlines() if line.startswith("answer:"))
    assert json.loads(answer.removeprefix("answer:")) == OLD
