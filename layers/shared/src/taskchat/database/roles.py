"""The role that serves: it reads and writes rows, and cannot change the schema."""

from taskchat.database.pool import Database
from taskchat.database.queries import load_queries

_migrations = load_queries("migrations")
_queries = load_queries("roles")


async def grant_service_role(database: Database, role: str) -> None:
    """Make the role if need be, and let it use every table there is. Raises `DatabaseError`.

    The connection must be of a role that may create roles and owns the tables.
    """
    async with database.transaction() as connection:
        # Roles and grants are rows, too, and two migrators at once would fail on the same ones.
        await connection.execute(_migrations.lock_migrations)
        await connection.execute(_queries.name_role, {"role": role})
        await connection.execute(_queries.grant_service)
