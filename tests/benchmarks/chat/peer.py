"""The peer: the smallest server that openai-chatkit's documentation builds, with data in memory.

It uses the same SDK, agent library, model and HTTP server, but has no database, runs, ledger or
limits. The difference between the product and this server is the cost of those.
"""

import os
from collections.abc import AsyncIterator
from typing import Any, Never, override

from agents import (
    Agent,
    OpenAIChatCompletionsModel,
    RunContextWrapper,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from chatkit.agents import AgentContext, ThreadItemConverter, stream_agent_response
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import Store
from chatkit.types import (
    AssistantMessageItem,
    CustomTask,
    Page,
    ThreadItem,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)
from openai import AsyncOpenAI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route


class _MemoryStore(Store[None]):
    def __init__(self) -> None:
        self._threads: dict[str, ThreadMetadata] = {}
        self._items: dict[str, dict[str, ThreadItem]] = {}

    async def load_thread(self, thread_id: str, context: None) -> ThreadMetadata:
        return self._threads[thread_id].model_copy(deep=True)

    async def save_thread(self, thread: ThreadMetadata, context: None) -> None:
        self._threads[thread.id] = thread.model_copy(deep=True)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: None
    ) -> Page[ThreadItem]:
        items = list(self._items[thread_id].values())
        return Page(data=items[-limit:] if order == "asc" else items[::-1][:limit])

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: None) -> None:
        self._items.setdefault(thread_id, {})[item.id] = item

    async def _unused(self, *_: Any, **__: Any) -> Never:
        raise NotImplementedError

    save_item = load_item = delete_thread_item = load_threads = delete_thread = _unused
    save_attachment = load_attachment = delete_attachment = _unused


class _Converter(ThreadItemConverter):
    @override
    async def assistant_message_to_input(self, item: AssistantMessageItem) -> Any:
        """Plain text: chat completions refuse the format of the SDK's own method."""
        return {"role": "assistant", "content": "".join(part.text for part in item.content)}


@function_tool
async def create_task(context: RunContextWrapper[AgentContext[None]], title: str) -> str:
    """Create a task."""
    turn = context.context
    await turn.add_workflow_task(CustomTask(title="Creating", status_indicator="loading"))
    done = CustomTask(title="Creating", content=title, status_indicator="complete")
    await turn.update_workflow_task(done, task_index=0)
    return f"created {title}"


class _Server(ChatKitServer[None]):
    def __init__(self, agent: Agent[Any]) -> None:
        super().__init__(_MemoryStore())
        self._agent = agent

    @override
    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: None
    ) -> AsyncIterator[ThreadStreamEvent]:
        items = await self.store.load_thread_items(thread.id, None, 20, "asc", context)
        turn = AgentContext[None](thread=thread, store=self.store, request_context=context)
        question = await _Converter().to_agent_input(items.data)
        result = Runner.run_streamed(self._agent, question, context=turn)
        async for event in stream_agent_response(turn, result):
            yield event


def create_app() -> Starlette:
    """The app, with the model that the environment names."""
    set_tracing_disabled(disabled=True)
    client = AsyncOpenAI(base_url=os.environ["GEMINI_BASE_URL"], api_key="none")
    model = OpenAIChatCompletionsModel(model=os.environ["GEMINI_MODEL"], openai_client=client)
    server = _Server(Agent(name="peer", model=model, tools=[create_task]))

    async def chatkit(request: Request) -> Response:
        result = await server.process(await request.body(), None)
        assert isinstance(result, StreamingResult)
        return StreamingResponse(result, media_type="text/event-stream")

    return Starlette(routes=[Route("/api/chatkit", chatkit, methods=["POST"])])
