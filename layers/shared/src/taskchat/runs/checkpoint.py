"""The interface through which a run drives its answer."""

from typing import Protocol

from taskchat.database import Connection


class Checkpoint(Protocol):
    """The items that a run is writing. `RunExecution` and `Heartbeats` call these methods."""

    async def save(self, connection: Connection) -> None:
        """Write the items that changed since the last confirmed save.

        Must not wait for query results, because it is sent in one round trip with other statements.
        If the run has ended meanwhile, nothing is written.
        """

    def confirm(self) -> None:
        """Note that the last `save` was committed."""

    def halt(self) -> None:
        """Stop making the answer. Its events end soon after."""

    async def close(self) -> list[str]:
        """Complete the open items. Returns the events for it, as JSON texts."""

    def usage(self) -> tuple[int, int]:
        """The model's input and output tokens so far."""
