"""Deletes from the store what is gone from the database.

The database goes first: its trigger leaves the key of each file that has to go, and only when that
is gone from the store does the key go too. So a failure anywhere leaves work, and no orphan.
"""

import logging

from taskchat.attachments.storage import SENT, UNSENT, FileStorage, StorageError, person_folder
from taskchat.database import Connection, Database, fetch_all, load_queries
from taskchat.errors import DatabaseError

logger = logging.getLogger(__name__)

_queries = load_queries("attachments")

_BATCH = 200


async def delete_files(connection: Connection, storage: FileStorage, folder: str = "") -> int:
    """Delete a batch of the files whose attachments are gone; returns how many.

    With a folder, only those in it. In the caller's transaction, which keeps others off them.
    """
    values = {"folder": folder, "limit": _BATCH}
    rows = await fetch_all(connection, _queries.list_deleted_files, values)
    keys = [row["key"] for row in rows]
    if keys:
        await storage.delete([f"{area}/{key}" for key in keys for area in (UNSENT, SENT)])
        await connection.execute(_queries.forget_deleted_files, {"keys": keys})
    return len(keys)


async def delete_files_now(database: Database, storage: FileStorage | None, user_id: str) -> None:
    """Delete the files of a person's attachments that are gone; what fails, maintenance does."""
    if storage is None:
        return
    try:
        deleted = _BATCH
        while deleted == _BATCH:
            async with database.transaction() as connection:
                deleted = await delete_files(connection, storage, person_folder(user_id))
    except (StorageError, DatabaseError) as error:
        logger.warning("files are left for maintenance to delete: %r", error.__cause__ or error)
