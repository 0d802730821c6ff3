import pytest

from taskchat.database import Database
from taskchat.users import User, ensure_user


@pytest.fixture
async def alice(database: Database) -> str:
    """A person with one thread, `thr_alice`, and one run of it, `run_alice`."""
    return await _person(database, "alice")


@pytest.fixture
async def bob(database: Database) -> str:
    """Someone else, with `thr_bob` and `run_bob`."""
    return await _person(database, "bob")


async def _person(database: Database, name: str) -> str:
    async with database.transaction() as connection:
        await ensure_user(connection, User(name))
        names = {"user": name, "thread": f"thr_{name}", "run": f"run_{name}"}
        await connection.execute(
            "insert into threads (id, user_id) values (%(thread)s, %(user)s)", names
        )
        await connection.execute(
            "insert into runs (id, thread_id, user_id, lease_expires_at)"
            " values (%(run)s, %(thread)s, %(user)s, now())",
            names,
        )
    return name
