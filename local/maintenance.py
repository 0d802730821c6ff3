"""Runs the maintenance on this machine, in place of the deployed schedule."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from taskchat.attachments.disk import DiskStorage
from taskchat.attachments.storage import FileStorage, StorageError
from taskchat.database import Database
from taskchat.errors import DatabaseError
from taskchat.maintenance import maintain
from taskchat.settings import DatabaseSettings, RetentionSettings

logger = logging.getLogger(__name__)

EVERY_SECONDS = 300.0
_LONGEST_SECONDS = 10.0


@asynccontextmanager
async def maintained(
    settings: DatabaseSettings, retention: RetentionSettings, files: FileStorage | None
) -> AsyncIterator[None]:
    """Run the maintenance every `EVERY_SECONDS` while the block runs."""
    upkeep = asyncio.create_task(_maintain_for_ever(settings, retention, files))
    try:
        yield
    finally:
        upkeep.cancel()
        await asyncio.wait([upkeep])


async def _maintain_for_ever(
    settings: DatabaseSettings, retention: RetentionSettings, files: FileStorage | None
) -> None:
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        database = Database(settings.model_copy(update={"pool_size": 1}))
        await database.open()
        try:
            await maintain(database, retention, seconds=_LONGEST_SECONDS, files=files)
            if isinstance(files, DiskStorage):
                await files.expire()
        except (DatabaseError, StorageError) as error:
            logger.warning("maintenance is put off: %s", error)
        finally:
            await database.close()
