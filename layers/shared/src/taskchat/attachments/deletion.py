"""Deletes the files whose attachments were deleted from the database.

A trigger records the key of each deleted attachment's file. The key is removed only after the file
is gone from the store. So after a failure the deletion can be repeated, and no file is orphaned.
"""

import logging

from taskchat.attachments.storage import SENT, UNSENT, FileStorage, StorageError, person_folder
from taskchat.database import Connection, Database, fetch_all, load_queries
from taskchat.errors import DatabaseError

logger = logging.getLogger(__name__)

_queries = load_queries("attachments")

_BATCH = 200


async def delete_files(connection: Connection, storage: FileStorage, folder: str = "") -> int:
    """Delete a batch of files whose attachments are gone. Returns how many.

    With a folder, only files in that folder. Runs in the caller's transaction, which locks the keys
    of these files.
    """
    values = {"folder": folder, "limit": _BATCH}
    rows = await fetch_all(connection, _queries.list_deleted_files, values)
    keys = [row["key"] for row in rows]
    if keys:
        await storage.delete([f"{area}/{key}" for key in keys for area in (UNSENT, SENT)])
        await connection.execute(_queries.forget_deleted_files, {"keys": keys})
    return len(keys)


async def delete_files_now(database: Database, storage: FileStorage | None, user_id: str) -> None:
    """Delete the files of a person's deleted attachments. Maintenance deletes what remains."""
    if storage is None:
        return
    try:
        deleted = _BATCH
        while deleted == _BATCH:
            async with database.transaction() as connection:
                deleted = await delete_files(connection, storage, person_folder(user_id))
    except (StorageError, DatabaseError) as error:
        logger.warning("files are left for maintenance to delete: %r", error.__cause__ or error)
