"""The events of a run in memory, which several readers can read while they are produced."""

import asyncio
from collections.abc import AsyncIterator


class Transcript:
    """The events of one run in this process: JSON texts, numbered from 0.

    Readers may join at any time. Each of them gets all events.
    """

    def __init__(self) -> None:
        self.events: list[str] = []
        self._ended = False
        self._news = asyncio.Event()

    def append(self, event: str) -> None:
        """Add one event and wake the readers."""
        self.events.append(event)
        self._wake()

    def end(self) -> None:
        """Tell the readers that there will be no more events."""
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def read(self) -> AsyncIterator[str]:
        """All events, as they come."""
        place = 0
        while True:
            news = self._news
            while place < len(self.events):
                yield self.events[place]
                place += 1
            if self._ended:
                return
            if news is self._news:
                await news.wait()
