"""The event log of a run in Postgres, which followers in other processes read.

It is written in batches, each stored under the seq of its first event. If the connection breaks
during the commit, the outcome is unknown: the same batch is then sent again unchanged, so that no
reader sees a different version of it.
"""

from dataclasses import dataclass

from taskchat.database import Connection, fetch_one, load_queries
from taskchat.runs.transcript import Transcript

_queries = load_queries("runs")


@dataclass(frozen=True)
class Batch:
    """Events as JSON texts without line breaks. `seq` is the position of the first one."""

    seq: int
    events: tuple[str, ...]

    @property
    def lines(self) -> str:
        """The events as they are stored, one per line."""
        return "\n".join(self.events)


class PendingEvents:
    """The events of a transcript that are not yet confirmed to be in the log."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._logged = 0
        self._sent = 0

    def __bool__(self) -> bool:
        return self._logged < len(self._transcript.events)

    def next_batch(self) -> Batch | None:
        """The batch to send now. This is the last one again if it was not `confirm`ed."""
        if self._sent == self._logged:
            self._sent = len(self._transcript.events)
        return self._batch(self._logged, self._sent)

    def confirm(self) -> None:
        """Note that the last batch is in the log."""
        self._logged = self._sent

    def rest(self) -> list[Batch]:
        """All remaining batches. An unconfirmed one is unchanged."""
        ends = [(self._logged, self._sent), (self._sent, len(self._transcript.events))]
        batches = [self._batch(first, end) for first, end in ends]
        return [batch for batch in batches if batch]

    def _batch(self, first: int, end: int) -> Batch | None:
        return Batch(first, tuple(self._transcript.events[first:end])) if first < end else None


async def log_batch(connection: Connection, run_id: str, batch: Batch) -> None:
    """Add a batch to the run's log, unless it is there already."""
    await connection.execute(
        _queries.log_events, {"id": run_id, "seq": batch.seq, "events": batch.lines}
    )


async def log_at_end(connection: Connection, run_id: str, events: list[str]) -> None:
    """Add events to the log of a run that no other process writes to."""
    row = await fetch_one(connection, _queries.count_events, {"id": run_id})
    seq = row["count"] if row else 0
    await log_batch(connection, run_id, Batch(seq, tuple(events)))
