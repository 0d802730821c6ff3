"""Readers of a stream that do little more than store its bytes, so that they measure the server."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import h11

from tests.support.chat import token_for

TOKEN = b"text_delta"


@dataclass
class Reader:
    """One request, and the time of the first token in its stream (`time.monotonic()`)."""

    sent: float = 0.0
    first_token: float = 0.0
    reading: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the first token."""
    received: bytearray = field(default_factory=bytearray)

    @property
    def body(self) -> bytes:
        """The response body. The response must be successful and complete."""
        http = h11.Connection(h11.CLIENT)
        http.send(h11.Request(method="POST", target="/", headers=[("host", "any")]))
        http.send(h11.EndOfMessage())
        http.receive_data(bytes(self.received))
        body = b""
        while not isinstance(happened := http.next_event(), h11.EndOfMessage):
            if isinstance(happened, h11.Response) and happened.status_code != 200:
                raise RuntimeError(f"the server answered {happened}")
            if happened is h11.NEED_DATA:
                raise RuntimeError(f"the stream broke off: {body[-200:]!r}")
            if isinstance(happened, h11.Data):
                body += happened.data
        return body

    @property
    def json(self) -> Any:
        """The JSON of a response that is not a stream."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The text of all deltas together."""
        frames = [frame for frame in self.body.split(b"\n\n") if frame.startswith(b"data: ")]
        events = [json.loads(frame.removeprefix(b"data: ")) for frame in frames]
        return "".join(
            event["update"]["delta"]
            for event in events
            if event["type"] == "thread.item.updated" and "delta" in event["update"]
        )

    async def ask(self, port: int, user: str, body: dict[str, Any]) -> None:
        """Send one request of the ChatKit protocol, and read its response to the end."""
        content = json.dumps(body)
        head = (
            f"POST /api/chatkit HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            f"Authorization: Bearer {token_for(user)}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        source, sink = await asyncio.open_connection("127.0.0.1", port)
        self.sent = time.monotonic()
        sink.write((head + content).encode())
        while data := await source.read(1 << 18):
            self.received += data
            if not self.first_token and TOKEN in self.received:
                self.first_token = time.monotonic()
                self.reading.set()
        sink.close()
