"""What a run says, as ChatKit events in order, readable by many while it is being said."""

import asyncio
from collections.abc import AsyncIterator


class Transcript:
    """The events of one run in this process: JSON texts, numbered from 0.

    Readers each keep their own place, may join at any time and see every event from the first.
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
        """Say that nothing more will come."""
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def read(self) -> AsyncIterator[str]:
        """Every event from the first to the last, as they come."""
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
