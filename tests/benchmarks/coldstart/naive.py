"""The peer: a task assistant in ChatKit, as a first attempt with FastAPI would look.

It imports and creates everything when the module is imported. It has one tool and stores threads as
JSON in Postgres. It has no limits and no ledger, and its answers do not outlive their requests.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, override

import jwt
from agents import (
    Agent,
    OpenAIChatCompletionsModel,
    RunContextWrapper,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from agents.mcp import MCPServer
from chatkit.agents import AgentContext, ThreadItemConverter, stream_agent_response
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import Store
from chatkit.types import (
    AssistantMessageItem,
    Page,
    ThreadItem,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import Response, StreamingResponse
from mcp.server.fastmcp import FastMCP
from openai import AsyncOpenAI
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool
from pydantic import TypeAdapter

SCHEMA = """
create table if not exists naive_threads (
  id text primary key, person text not null, thread jsonb not null,
  created_at timestamptz not null default now());
create table if not exists naive_items (
  id text primary key, seq bigint generated always as identity, thread_id text not null,
  item jsonb not null)
"""

pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
    os.environ["DATABASE_URL"], min_size=1, open=False, kwargs={"row_factory": dict_row}
)
items_adapter: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)


async def execute(statement: str, *values: object) -> list[Any]:
    """Run one statement. Returns its rows."""
    async with pool.connection() as connection:
        cursor = await connection.execute(statement.encode(), values)
        return await cursor.fetchall() if cursor.description else []


class NaiveStore(Store[str]):
    """Threads and items as JSON. The context is the person's id."""

    async def load_thread(self, thread_id: str, context: str) -> ThreadMetadata:
        rows = await execute(
            "select thread from naive_threads where id = %s and person = %s", thread_id, context
        )
        return ThreadMetadata.model_validate(rows[0]["thread"])

    async def save_thread(self, thread: ThreadMetadata, context: str) -> None:
        await execute(
            "insert into naive_threads (id, person, thread) values (%s, %s, %s)"
            " on conflict (id) do update set thread = excluded.thread",
            *(thread.id, context, Jsonb(thread.model_dump(mode="json"))),
        )

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: str
    ) -> Page[ThreadItem]:
        rows = await execute(
            "select item from naive_items where thread_id = %s order by seq desc limit %s",
            *(thread_id, limit),
        )
        items = [items_adapter.validate_python(row["item"]) for row in rows]
        return Page(data=items if order == "desc" else items[::-1])

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: str) -> None:
        await execute(
            "insert into naive_items (id, thread_id, item) values (%s, %s, %s)"
            " on conflict (id) do update set item = excluded.item",
            *(item.id, thread_id, Jsonb(item.model_dump(mode="json"))),
        )

    async def load_threads(
        self, limit: int, after: str | None, order: str, context: str
    ) -> Page[ThreadMetadata]:
        rows = await execute(
            "select thread from naive_threads where person = %s order by created_at desc limit %s",
            *(context, limit),
        )
        return Page(data=[ThreadMetadata.model_validate(row["thread"]) for row in rows])

    async def _unused(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    save_item = load_item = delete_thread_item = delete_thread = _unused
    save_attachment = load_attachment = delete_attachment = _unused


class Converter(ThreadItemConverter):
    """Converts assistant messages to plain text, which chat completions accept."""

    @override
    async def assistant_message_to_input(self, item: AssistantMessageItem) -> Any:
        return {"role": "assistant", "content": "".join(part.text for part in item.content)}


@function_tool
async def create_task(context: RunContextWrapper[AgentContext[str]], title: str) -> str:
    """Create a task."""
    return f"created {title}"


set_tracing_disabled(disabled=True)
mcp = FastMCP("Tasks")
mcp_servers: list[MCPServer] = []
agent = Agent(
    name="Task assistant",
    instructions="You help a person with their list of tasks.",
    model=OpenAIChatCompletionsModel(
        model=os.environ["GEMINI_MODEL"],
        openai_client=AsyncOpenAI(
            base_url=os.environ["GEMINI_BASE_URL"], api_key=os.environ["GEMINI_API_KEY"]
        ),
    ),
    tools=[create_task],
    mcp_servers=mcp_servers,
)


class NaiveServer(ChatKitServer[str]):
    """Answers each message with the agent."""

    @override
    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: str
    ) -> AsyncIterator[ThreadStreamEvent]:
        items = await self.store.load_thread_items(thread.id, None, 20, "asc", context)
        turn = AgentContext[str](thread=thread, store=self.store, request_context=context)
        question = await Converter().to_agent_input(items.data)
        async for event in stream_agent_response(
            turn, Runner.run_streamed(agent, question, context=turn)
        ):
            yield event


server = NaiveServer(NaiveStore())
running: dict[str, asyncio.Task[None]] = {}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Opens and closes the database."""
    await pool.open()
    await execute(SCHEMA)
    yield
    await pool.close()


app = FastAPI(lifespan=lifespan)


def person(authorization: Annotated[str, Header()] = "") -> str:
    """The id of the person who sent the request."""
    try:
        claims = jwt.decode(
            authorization.removeprefix("Bearer "), os.environ["JWT_SECRET"], algorithms=["HS256"]
        )
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    return str(claims["sub"])


@app.post("/api/chatkit")
async def chatkit(request: Request, user: Annotated[str, Depends(person)]) -> Response:
    """ChatKit's endpoint."""
    result = await server.process(await request.body(), user)
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/event-stream")
    return Response(result.json, media_type="application/json")


@app.delete("/api/threads/{thread_id}/run")
async def stop(thread_id: str, user: Annotated[str, Depends(person)]) -> Response:
    """Stop the answer in a thread."""
    task = running.get(thread_id)
    if task is None:
        raise HTTPException(404)
    task.cancel()
    return Response(status_code=202)
