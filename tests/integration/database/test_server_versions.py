"""A server that is too old is refused with one line, wherever it is met first."""

import asyncio
import os
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.migrate.app import handler
from taskchat.database import Database
from taskchat.errors import UnsupportedServerError
from tests.support.postgres import database_settings

LINE = "PostgreSQL 14 is too old: version 15 or later is needed."

_SSL_REQUEST, _GSS_REQUEST = 80_877_103, 80_877_104


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _parameter(name: str, value: str) -> bytes:
    return _message(b"S", f"{name}\0{value}\0".encode())


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, version: str) -> None:
    """Speak the start of PostgreSQL's protocol 3.0, and then answer every query with nothing."""
    while True:
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        (code,) = struct.unpack("!i", (await reader.readexactly(length - 4))[:4])
        if code not in {_SSL_REQUEST, _GSS_REQUEST}:
            break
        writer.write(b"N")
    ready = _message(b"Z", b"I")
    writer.write(_message(b"R", struct.pack("!i", 0)))
    for name, value in {"server_version": version, "client_encoding": "UTF8"}.items():
        writer.write(_parameter(name, value))
    writer.write(ready)
    while (kind := await reader.readexactly(1)) != b"X":
        (length,) = struct.unpack("!i", await reader.readexactly(4))
        await reader.readexactly(length - 4)
        if kind == b"Q":
            writer.write(_message(b"I", b"") + ready)


@asynccontextmanager
async def server_of(version: str) -> AsyncIterator[str]:
    """A server that says it is of this version; its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _greet(reader, writer, version)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"postgresql://me@127.0.0.1:{port}/taskchat"


@pytest.fixture
async def old_server_url() -> AsyncIterator[str]:
    async with server_of("14.12 (Debian 14.12-1.pgdg120+1)") as url:
        yield url


async def test_no_transaction_begins(old_server_url: str) -> None:
    database = Database(database_settings(old_server_url))
    await database.open()
    try:
        for _ in range(2):
            with pytest.raises(UnsupportedServerError) as raised:
                async with database.transaction():
                    pass
            assert str(raised.value) == LINE
    finally:
        await database.close()


async def test_a_server_of_the_oldest_version_is_not_refused() -> None:
    async with server_of("15.0") as url:
        database = Database(database_settings(url))
        await database.open()
        try:
            async with database.transaction() as connection:
                assert connection.info.server_version == 150_000
        finally:
            await database.close()


async def test_the_local_start_ends_with_one_line(old_server_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local"),
        env={**os.environ, "DATABASE_URL": old_server_url, "PORT": "0"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )

    _, errors = await process.communicate()

    assert process.returncode == 1
    assert errors.decode().splitlines() == [f"make dev: {LINE}"]


async def test_the_migration_at_deployment_says_so(
    old_server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", old_server_url)

    with pytest.raises(UnsupportedServerError, match=LINE):
        await asyncio.to_thread(handler, {}, cast("LambdaContext", _Context()))


class _Context:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000
