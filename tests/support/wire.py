"""A proxy between psycopg and Postgres that counts round trips on the wire.

https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_ASKS = b"QSH"
"""Query, Sync and Flush: the messages after which a client waits."""


@dataclass
class Wire:
    """`url` goes through the proxy; `round_trips` counts those of all its connections so far."""

    url: str = ""
    round_trips: int = 0


@asynccontextmanager
async def counted(database_url: str) -> AsyncIterator[Wire]:
    """Run a proxy that counts the round trips to the database at `database_url`."""
    wire = Wire()
    target = urlsplit(database_url)
    socket = parse_qs(target.query).get("host", [""])[0]
    open_now: set[asyncio.Task[None]] = set()

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        port = target.port or 5432
        if socket:
            return await asyncio.open_unix_connection(f"{socket}/.s.PGSQL.{port}")
        return await asyncio.open_connection(target.hostname, port)

    async def serve(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_now.add(task)
        server, to_server = await connect()
        connection = _Connection(wire)
        passing = [
            asyncio.create_task(connection.ask(client, to_server)),
            asyncio.create_task(connection.answer(server, to_client)),
        ]
        try:
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in passing:
                one.cancel()
            for writer in (to_client, to_server):
                writer.close()
            await asyncio.gather(
                *passing,
                to_client.wait_closed(),
                to_server.wait_closed(),
                return_exceptions=True,
            )
            open_now.discard(task)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    user = parse_qs(target.query).get("user", [target.username or "postgres"])[0]
    password = f":{target.password}" if target.password else ""
    wire.url = (
        f"postgresql://{user}{password}@127.0.0.1:{port}{target.path}"
        "?sslmode=disable&gssencmode=disable"
    )
    try:
        yield wire
    finally:
        listening.close()
        # Closed connections end by themselves; those of a failed test may not.
        if open_now:
            _, late = await asyncio.wait(open_now, timeout=5)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


class _Connection:
    """One connection. All requests before an answer arrives count as one round trip."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._asked = False

    async def ask(self, client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        kind = b""  # the first message, which starts the session, has none
        try:
            while True:
                length = await client.readexactly(4)
                body = await client.readexactly(int.from_bytes(length) - 4)
                if kind and kind in _ASKS and not self._asked:
                    self._asked = True
                    self._wire.round_trips += 1
                server.write(kind + length + body)
                await server.drain()
                kind = await client.readexactly(1)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass

    async def answer(self, server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            while data := await server.read(65_536):
                self._asked = False
                client.write(data)
                await client.drain()
        except ConnectionError:
            pass
