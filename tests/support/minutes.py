"""Helps tests of limits per minute."""

import asyncio
from datetime import UTC, datetime


async def early_in_a_minute(seconds: float = 20) -> None:
    """Wait until at least `seconds` are left of the current minute."""
    now = datetime.now(UTC)
    left = 60 - now.second - now.microsecond / 1e6
    if left < seconds:
        await asyncio.sleep(left + 0.1)
