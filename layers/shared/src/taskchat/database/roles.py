"""The role that serves requests: it reads and writes rows, and cannot change the schema."""

from taskchat.database.pool import Database
from taskchat.database.queries import load_queries

_migrations = load_queries("migrations")
_queries = load_queries("roles")


async def grant_service_role(database: Database, role: str) -> None:
    """Create the role if needed, and let it use all existing tables. Raises `DatabaseError`.

    The connection's role must own the tables and be allowed to create roles.
    """
    async with database.transaction() as connection:
        # Roles and grants are rows of the catalog: concurrent migrators would conflict on them.
        await connection.execute(_migrations.lock_migrations)
        await connection.execute(_queries.name_role, {"role": role})
        await connection.execute(_queries.grant_service)
