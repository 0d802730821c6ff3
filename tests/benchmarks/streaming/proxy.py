"""``python -m tests.benchmarks.streaming.proxy FROM TO``: a proxy in place of Lambda Web Adapter.

The adapter is a separate process between the Runtime API and a local HTTP server. Its binary is not
in any package registry, so this proxy replaces it. It forwards bytes between two ports without
reading them. That is less work than the adapter does, but in a slower language.
"""

import asyncio
import sys


class _End(asyncio.Protocol):
    """One end of a connection. The other end sends what this one receives."""

    def __init__(self) -> None:
        self.other: asyncio.Transport | None = None
        self.early = b""

    def data_received(self, data: bytes) -> None:
        if self.other is None:
            self.early += data
        else:
            self.other.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self.other is not None:
            self.other.close()


class _Accepted(_End):
    """The client's end."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._connecting = asyncio.ensure_future(self._connect(transport))

    async def _connect(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        self.other, inner = await loop.create_connection(_End, "127.0.0.1", self._port)
        inner.other = transport
        self.other.write(self.early)


async def serve(listen: int, port: int) -> None:
    """Forward connections to one port to the other one, forever."""
    server = await asyncio.get_running_loop().create_server(
        lambda: _Accepted(port), "127.0.0.1", listen
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:3])))
