"""The official MCP client, signed in as a person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


@asynccontextmanager
async def connect(base_url: str, token: str, **headers: str) -> AsyncIterator[ClientSession]:
    """A session at `POST /mcp` that has been initialised."""
    sent = {"Authorization": f"Bearer {token}", **headers}
    async with (
        httpx.AsyncClient(headers=sent, timeout=30) as http,
        streamable_http_client(f"{base_url}/mcp", http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        yield session


async def call(session: ClientSession, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured result of a call that succeeds; the client checks it by the tool's schema."""
    result = await session.call_tool(tool, arguments)
    assert not result.isError, result.content
    assert result.structuredContent is not None
    return result.structuredContent


async def fail(session: ClientSession, tool: str, **arguments: Any) -> str:
    """What a call that is refused tells the model."""
    result = await session.call_tool(tool, arguments)
    assert result.isError, result.structuredContent
    (content,) = result.content
    assert content.type == "text"
    return content.text
