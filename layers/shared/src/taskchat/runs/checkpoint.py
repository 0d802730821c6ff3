"""What a run asks of the answer that it makes."""

from typing import Protocol

from taskchat.database import Connection


class Checkpoint(Protocol):
    """The items that a run is writing; `RunExecution` says when each method is called."""

    async def save(self, connection: Connection) -> None:
        """Write those that changed since the last time that was confirmed.

        Nothing may be read for it: it is sent together with other statements. What a run writes
        that is no longer the process's own is not kept.
        """

    def confirm(self) -> None:
        """Note that the last `save` was committed."""

    def halt(self) -> None:
        """Stop what makes the answer: its events come to their end soon."""

    async def close(self) -> list[str]:
        """Complete the items that are still open; returns the events that say so, as JSON texts."""

    def usage(self) -> tuple[int, int]:
        """The model's input and output tokens so far."""
