"""The parts of HTTP/1.1 that a client of the Runtime API needs, without I/O.

The Runtime API is one trusted server on loopback that speaks one dialect, and every byte passes
through this framing. The README compares its cost with that of h11.
"""

import re
from dataclasses import dataclass

from lambda_streaming.errors import RuntimeApiError

_HEAD_LIMIT = 1 << 20
_FIRST_FINAL_STATUS = 200
_STATUS_LINE = re.compile(r"HTTP/1\.1 [1-5][0-9][0-9]( |$)")
LAST_CHUNK = b"0\r\n\r\n"


class ProtocolError(RuntimeApiError):
    """The received bytes are not HTTP/1.1."""


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response."""

    status: int
    headers: dict[str, str]
    """Names are in lower case."""
    body: bytes

    @property
    def closes(self) -> bool:
        """Whether the server closes the connection after this response."""
        return self.headers.get("connection", "").lower() == "close"

    def __str__(self) -> str:
        return f"{self.status} {self.body[:300].decode('utf-8', 'replace').strip()}"


def request_head(method: str, target: str, host: str, headers: dict[str, str]) -> bytes:
    """Return the head of a request, including the blank line that ends it."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def chunk(data: bytes) -> bytes:
    """Return one chunk of a chunked body. ``data`` must not be empty: that would end the body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def last_chunk(trailers: dict[str, bytes]) -> bytes:
    """Return the end of a chunked body, with trailers."""
    lines = [b"%b: %b\r\n" % (name.encode(), value) for name, value in trailers.items()]
    return b"".join([b"0\r\n", *lines, b"\r\n"])


class ResponseParser:
    """Parses one response from pieces of any size. Each response needs a new parser.

    It has three states: reading the head (``_head`` is None), reading a body of known length
    (``_length`` is that length), and reading a chunked body (``_length`` is None).
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head: tuple[int, dict[str, str]] | None = None
        self._length: int | None = 0
        self._body = bytearray()

    def feed(self, data: bytes | memoryview) -> Response | None:
        """Add received bytes; return the response when it is complete.

        Raises ``ProtocolError`` if the bytes are not a response or follow a complete one.
        """
        self._buffer += data
        while self._head is None:
            if not self._read_head():
                return None
        if self._length is None:
            if not self._read_chunks():
                return None
            body, excess = self._body, len(self._buffer)
        else:
            body, excess = self._buffer, len(self._buffer) - self._length
            if excess < 0:
                return None
        if excess:
            message = "the Runtime API sent more than the response"
            raise ProtocolError(message)
        return Response(*self._head, bytes(body))

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _HEAD_LIMIT:
                message = "the head of the Runtime API's response does not end"
                raise ProtocolError(message)
            return False
        status_line, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        if not _STATUS_LINE.match(status_line):
            message = f"the Runtime API did not answer in HTTP/1.1 but {status_line[:80]!r}"
            raise ProtocolError(message)
        status = int(status_line[9:12])
        if status < _FIRST_FINAL_STATUS:  # the real response follows
            return True
        headers: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                message = f"the Runtime API sent a header without a colon: {line[:80]!r}"
                raise ProtocolError(message)
            headers[name.lower()] = value.strip()
        self._head = status, headers
        if headers.get("transfer-encoding", "").lower() == "chunked":
            self._length = None
        else:
            self._length = _length(headers.get("content-length", "0"), 10)
        return True

    def _read_chunks(self) -> bool:
        while True:
            end = self._buffer.find(b"\r\n")
            if end < 0:
                return False
            size = _length(self._buffer[:end].decode("latin-1").partition(";")[0].strip(), 16)
            if size == 0:
                return self._read_trailers(end)
            if len(self._buffer) < end + 2 + size + 2:
                return False
            self._body += self._buffer[end + 2 : end + 2 + size]
            del self._buffer[: end + 2 + size + 2]

    def _read_trailers(self, start: int) -> bool:
        end = self._buffer.find(b"\r\n\r\n", start)
        if end < 0:
            return False
        del self._buffer[: end + 4]
        return True


def _length(text: str, base: int) -> int:
    digits = "0123456789abcdef"[:base]
    if not text or text.lower().strip(digits):
        message = f"the Runtime API sent a length of {text[:80]!r}"
        raise ProtocolError(message)
    return int(text, base)
