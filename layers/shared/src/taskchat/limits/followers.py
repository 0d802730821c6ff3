"""Limits how many responses may follow a person's answers at once, across all processes.

Each follower has a row with a lease, renewed while its response is sent. If its process dies, the
row stops counting within `LEASE_SECONDS`.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from taskchat.database import Database, load_queries
from taskchat.errors import DatabaseError, TooManyAtOnceError
from taskchat.identifiers import new_id
from taskchat.settings import LimitSettings

logger = logging.getLogger(__name__)

_queries = load_queries("limits")

LEASE_SECONDS = 15.0
RENEW_SECONDS = 5.0


@dataclass(frozen=True)
class FollowerSlot:
    """One of the followers that a person may have at once."""

    database: Database
    id: str
    user_id: str

    async def hold(self, events: AsyncIterator[str]) -> AsyncIterator[str]:
        """The events; the slot is held until they end or the reader disconnects."""
        renewing = asyncio.create_task(self._renew())
        try:
            async for event in events:
                yield event
        finally:
            renewing.cancel()
            # Shielded: a reader that disconnects cancels this task, and the row must not stay.
            await asyncio.shield(self._release())

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with contextlib.suppress(DatabaseError):
                await self._execute("renew_follower")

    async def _release(self) -> None:
        try:
            await self._execute("delete_follower")
        except DatabaseError as error:
            logger.warning(
                "a follower could not be removed and counts until its lease ends: %s", error
            )

    async def _execute(self, query: str) -> None:
        async with self.database.autocommit() as connection:
            await connection.execute(
                getattr(_queries, query),
                {"id": self.id, "user_id": self.user_id, "lease_seconds": LEASE_SECONDS},
            )


async def take_follower_slot(
    database: Database, user_id: str, settings: LimitSettings
) -> FollowerSlot:
    """Take a slot for one more follower. The person must be recorded.

    Raises `TooManyAtOnceError`, before any of the response is sent.
    """
    slot = FollowerSlot(database, new_id("fol"), user_id)
    parameters = {"id": slot.id, "user_id": user_id, "lease_seconds": LEASE_SECONDS}
    async with database.transaction() as connection, connection.committing():
        async with connection.pipelined():
            await connection.execute(_queries.lock_person, parameters)
            await connection.execute(_queries.delete_expired_followers, parameters)
            followers = await connection.execute(_queries.count_followers, parameters)
        (row,) = await followers.fetchall()
        if row["count"] >= settings.followers_per_person:
            raise TooManyAtOnceError(
                f"{settings.followers_per_person} of your pages are already following answers. "
                "Close one of them, or try again in a moment."
            )
        await connection.execute(_queries.insert_follower, parameters)
    return slot
