"""A cheap model that streams many tokens as fast as they are read, or at a fixed pace.

The tests' scripted model parses and records requests. With a hundred answers at once, it would be
the bottleneck.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TOKENS = 300
PACE_SECONDS = 0.02
WORDS = [f" word{number}" for number in range(TOKENS)]
TEXT = "".join(WORDS)

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_END = b"0\r\n\r\n"


def _frame(event: bytes) -> bytes:
    """A server-sent event in its own HTTP chunk, as a model sends each token."""
    data = b"data: " + event + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


def _chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}
    usage = {"prompt_tokens": 11, "completion_tokens": TOKENS, "total_tokens": TOKENS + 11}
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "scripted",
        "choices": [choice],
    }
    return _frame(json.dumps({**chunk, **({"usage": usage} if finish else {})}).encode())


_TOKENS = [_chunk({"content": word}) for word in WORDS]
_LAST = _chunk({}, "stop") + _frame(b"[DONE]") + _END


@asynccontextmanager
async def model(gate: asyncio.Event | None = None) -> AsyncIterator[str]:
    """Serve the model. Yields its base URL. Each token is a separate write.

    With a `gate`, the second half waits until the gate is set, and then comes at a fixed pace.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(_content_length(head))
                writer.write(_HEAD)
                for number, token in enumerate(_TOKENS):
                    if gate and number >= TOKENS // 2:
                        await gate.wait()
                        await asyncio.sleep(PACE_SECONDS)
                    writer.write(token)
                    await writer.drain()
                    await asyncio.sleep(0)
                writer.write(_LAST)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/"


def _content_length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-len"))
