"""Parses server-sent events from bytes that may be split anywhere.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_EVENT_BYTES = 4 * 1024 * 1024

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventTooLargeError(ValueError):
    """An event is larger than `MAX_EVENT_BYTES`."""


@dataclass(frozen=True)
class ServerSentEvent:
    """An event's data, and its name if it has one."""

    data: bytes
    name: str = ""


class EventParser:
    """Returns each event as soon as all of its bytes have arrived. Drops comments and ids."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._searched = 0
        self._after_cr = False
        self._at_start = True
        self._data: list[bytes] = []
        self._size = 0
        self._name = ""

    def feed(self, received: bytes) -> Iterator[ServerSentEvent]:
        """The events that `received` completes. Raises `EventTooLargeError`."""
        if self._after_cr:
            # The CR has already ended the line. This LF belongs to the same line end.
            received = received.removeprefix(b"\n")
        self._after_cr = received.endswith(b"\r")
        self._pending += received
        taken = 0
        for end in _LINE_END.finditer(self._pending, self._searched):
            event = self._take(bytes(self._pending[taken : end.start()]))
            taken = end.end()
            if event is not None:
                yield event
        del self._pending[:taken]
        self._searched = len(self._pending)
        if self._searched + self._size > MAX_EVENT_BYTES:
            raise EventTooLargeError

    def finish(self) -> Iterator[ServerSentEvent]:
        """The last event of the stream, even if the blank line after it is missing."""
        for line in (bytes(self._pending), b""):
            if (event := self._take(line)) is not None:
                yield event

    def _take(self, line: bytes) -> ServerSentEvent | None:
        if self._at_start:
            line, self._at_start = line.removeprefix(_BYTE_ORDER_MARK), False
        if not line:
            event = ServerSentEvent(b"\n".join(self._data), self._name) if self._data else None
            self._data, self._size, self._name = [], 0, ""
            return event
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._size += len(value)
        elif field == b"event":
            self._name = value.decode(errors="replace")
        return None
