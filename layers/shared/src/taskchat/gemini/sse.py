"""The data of server-sent events, out of bytes as the network cuts them.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_EVENT_BYTES = 4 * 1024 * 1024

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventTooLargeError(ValueError):
    """An event has more than `MAX_EVENT_BYTES`."""


@dataclass(frozen=True)
class ServerSentEvent:
    """An event's data, and its name where it has one."""

    data: bytes
    name: str = ""


class EventParser:
    """Takes bytes and gives each event as soon as it is whole; comments and ids are dropped."""

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
            # The CR has ended its line already; this LF is the other half of the line's end.
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
        """What is left at the end, even if the blank line that ends an event is missing."""
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
