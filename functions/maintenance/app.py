"""Scheduled maintenance of the database. The event is `{}`."""

import asyncio
import os
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.observability import configure_logs, emit_metrics
from taskchat.attachments.storage import open_storage
from taskchat.database import Database
from taskchat.maintenance import maintain
from taskchat.settings import AttachmentSettings, DatabaseSettings, RetentionSettings

_RESERVE_SECONDS = 5.0
"""Time kept back for the last batch to finish."""


def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Returns how many runs were lost, and how many rows of each kind were handled."""
    logger = Logger(service="maintenance")
    configure_logs()
    emit_metrics("maintenance")
    seconds = context.get_remaining_time_in_millis() / 1000 - _RESERVE_SECONDS
    counts = asyncio.run(_maintain_within(seconds))
    logger.info("maintained", extra=counts)
    return counts


async def _maintain_within(seconds: float) -> dict[str, int]:
    retention = RetentionSettings.from_environment(os.environ)
    files = open_storage(AttachmentSettings.from_environment(os.environ))
    database = Database(DatabaseSettings.from_environment(os.environ))
    await database.open()
    try:
        return await maintain(database, retention, seconds=seconds, files=files)
    finally:
        await database.close()
