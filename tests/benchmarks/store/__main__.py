"""``python -m tests.benchmarks.store``: our store in Postgres, compared with SQLAlchemy's ORM.

Both work in turn on the same tables, in databases with a thousand, a hundred thousand and five
million items. The stores use one core, Postgres the other. Postgres does not wait for its disk,
which would take equally long for both.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
from chatkit.types import AssistantMessageContent, AssistantMessageItem

from local.postgres import EmbeddedPostgres
from taskchat.context import RequestContext
from taskchat.database import Database
from taskchat.threads.store import PostgresStore
from taskchat.users import User
from tests.benchmarks.cores import split_cores
from tests.benchmarks.results import Figure, Results, at_most, compare
from tests.benchmarks.store.orm import OrmStore
from tests.support.postgres import Server, apply_migrations, database_settings

ROUNDS = int(os.environ.get("ROUNDS", "300"))
WARM_UP = 20
SIZES = {"1 thousand": 1_000, "100 thousand": 100_000, "5 million": 5_000_000}
SMALLEST, LARGEST = "1 thousand", "5 million"
ORM = "SQLAlchemy's async ORM"
PERSON, THREADS, PAGE = "person-0", 20, 20

LOAD, LIST, ITEMS, ITEM, APPEND, ALL = (
    "load a thread",
    f"list {PAGE} threads",
    f"load {PAGE} items",
    "load an item",
    "append an item",
    "all five",
)

Work = Callable[[], Awaitable[Any]]


@dataclass
class Side:
    """One store on one database. `calls` returns the calls of one round."""

    calls: Callable[[int], dict[str, Work]]
    figures: dict[str, list[float]] = field(default_factory=dict)

    async def work(self, number: int) -> None:
        """Make each call once, and record how long it took, in milliseconds."""
        for name, call in self.calls(number).items():
            began = time.perf_counter()
            await call()
            took = (time.perf_counter() - began) * 1e3
            self.figures.setdefault(name, []).append(took)

    @property
    def whole(self) -> float:
        """The sum of the medians."""
        return sum(statistics.median(values) for values in self.figures.values())


def _ids(number: int, items: int) -> tuple[str, str]:
    """The ids of one of the person's threads and of one of its items."""
    people = max(items // 1000, 1)
    thread = number % THREADS * people
    digest = md5(str(thread).encode(), usedforsecurity=False).hexdigest()
    of_item = f"{thread}-{number % 50 + 1}".encode()
    return f"thr_{digest}", f"msg_{md5(of_item, usedforsecurity=False).hexdigest()}"


def _message(thread_id: str) -> AssistantMessageItem:
    content = AssistantMessageContent(text="You have three things to do today.", annotations=[])
    return AssistantMessageItem(
        id=f"msg_{uuid4().hex}",
        thread_id=thread_id,
        created_at=datetime.now(UTC),
        content=[content],
    )


def _ours(database: Database, items: int) -> Side:
    store: PostgresStore[RequestContext] = PostgresStore(database)
    context = RequestContext(user=User(id=PERSON), timezone=ZoneInfo("UTC"))

    def calls(number: int) -> dict[str, Work]:
        thread, item = _ids(number, items)
        new = _message(thread)
        return {
            LOAD: lambda: store.load_thread(thread, context),
            LIST: lambda: store.load_threads(PAGE, None, "desc", context),
            ITEMS: lambda: store.load_thread_items(thread, None, PAGE, "desc", context),
            ITEM: lambda: store.load_item(thread, item, context),
            APPEND: lambda: store.add_thread_item(thread, new, context),
        }

    return Side(calls)


def _orm(store: OrmStore, items: int) -> Side:
    def calls(number: int) -> dict[str, Work]:
        thread, item = _ids(number, items)
        new = _message(thread)
        return {
            LOAD: lambda: store.load_thread(thread),
            LIST: lambda: store.load_threads(PAGE),
            ITEMS: lambda: store.load_thread_items(thread, PAGE),
            ITEM: lambda: store.load_item(thread, item),
            APPEND: lambda: store.add_thread_item(thread, new),
        }

    return Side(calls)


def _fill(url: str, items: int) -> None:
    apply_migrations(url)
    text = Path(__file__).with_name("rows.sql").read_text()
    with psycopg.connect(url, autocommit=True) as connection:
        for part in text.split("\n-- ")[2:]:
            _, _, statements = part.partition(" --\n")
            for statement in statements.strip().split(";\n"):
                connection.execute(
                    statement.encode(), {"items": items} if "%(" in statement else None
                )


async def measure() -> dict[str, tuple[Side, Side]]:
    """Measure our store and the peer, by the size of the database."""
    core = split_cores()
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-"))
        postgres = stack.enter_context(EmbeddedPostgres(Path(directory), durable=False))
        server = Server(postgres.url)
        sides = {}
        for name, items in SIZES.items():
            url = stack.enter_context(server.database())
            began = time.monotonic()
            await asyncio.to_thread(_fill, url, items)
            print(f"{name} items: made in {time.monotonic() - began:.0f} s", flush=True)
            database = Database(database_settings(url, pool_size=1))
            await database.open()
            stack.push_async_callback(database.close)
            store = OrmStore(url, PERSON)
            stack.push_async_callback(store.close)
            sides[name] = (_ours(database, items), _orm(store, items))
        os.sched_setaffinity(0, {core})
        for number in range(WARM_UP + ROUNDS):
            both = [side for pair in sides.values() for side in pair]
            for side in both if number % 2 else reversed(both):
                if number == WARM_UP:
                    side.figures.clear()
                await side.work(number)
    return sides


def results(sides: dict[str, tuple[Side, Side]]) -> Results:
    """The figures, compared with the ORM's, and the largest database with the smallest."""
    figures = []
    for size, (ours, orm) in sides.items():
        figures += [
            compare(f"{name}, {size} items", "ms", values, orm.figures[name], peer_name=ORM)
            for name, values in ours.figures.items()
        ]
        figures.append(
            Figure(
                name=f"{ALL}, {size} items",
                unit="ms",
                ours=ours.whole,
                peer=orm.whole,
                peer_name=ORM,
                target=at_most(0.5),
            )
        )
    figures.append(
        Figure(
            name=f"{ALL}, {LARGEST} items beside {SMALLEST}",
            unit="ms",
            ours=sides[LARGEST][0].whole,
            peer=sides[SMALLEST][0].whole,
            peer_name=f"ours, {SMALLEST}",
            target=at_most(1.15),
        )
    )
    return Results.of("store", "The store", figures, rounds=ROUNDS)


if __name__ == "__main__":
    sys.exit(results(asyncio.run(measure())).finish())
