"""The log of what a run says: in Postgres, so that anyone can read along, from any process.

It is written in batches, each under the number of its first event. A batch whose fate is not known
(the connection broke during the commit) is sent again as it was, so that no reader can have seen
another version of it.
"""

from dataclasses import dataclass

from taskchat.database import Connection, fetch_one, load_queries
from taskchat.runs.transcript import Transcript

_queries = load_queries("runs")


@dataclass(frozen=True)
class Batch:
    """Events as JSON texts without line breaks, the first of them being number `seq` of the run."""

    seq: int
    events: tuple[str, ...]

    @property
    def lines(self) -> str:
        """The events, one a line, as they are stored."""
        return "\n".join(self.events)


class PendingEvents:
    """What of a transcript is not known to be logged."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._logged = 0
        self._sent = 0

    def __bool__(self) -> bool:
        return self._logged < len(self._transcript.events)

    def next_batch(self) -> Batch | None:
        """The batch to send now: the last one again, unless it was `confirm`ed."""
        if self._sent == self._logged:
            self._sent = len(self._transcript.events)
        return self._batch(self._logged, self._sent)

    def confirm(self) -> None:
        """The last batch is in the log."""
        self._logged = self._sent

    def rest(self) -> list[Batch]:
        """All that is left, the last batch as it was."""
        ends = [(self._logged, self._sent), (self._sent, len(self._transcript.events))]
        batches = [self._batch(first, end) for first, end in ends]
        return [batch for batch in batches if batch]

    def _batch(self, first: int, end: int) -> Batch | None:
        return Batch(first, tuple(self._transcript.events[first:end])) if first < end else None


async def log_batch(connection: Connection, run_id: str, batch: Batch) -> None:
    """Add a batch to the run's log, once."""
    await connection.execute(
        _queries.log_events, {"id": run_id, "seq": batch.seq, "events": batch.lines}
    )


async def log_at_end(connection: Connection, run_id: str, events: list[str]) -> None:
    """Add events to the log of a run that nobody else writes any more."""
    row = await fetch_one(connection, _queries.count_events, {"id": run_id})
    seq = row["count"] if row else 0
    await log_batch(connection, run_id, Batch(seq, tuple(events)))
