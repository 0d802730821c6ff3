"""The person behind a request."""

from dataclasses import dataclass

from taskchat.database import Connection, load_queries

_queries = load_queries("users")


@dataclass(frozen=True)
class User:
    """A person: `id` is the token's `sub`."""

    id: str
    email: str | None = None


async def ensure_user(connection: Connection, user: User) -> None:
    """Record the person on their first write; keep the newest e-mail address."""
    await connection.execute(_queries.upsert_user, {"id": user.id, "email": user.email})
