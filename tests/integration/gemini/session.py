"""An agent with two tools, its model on a scripted server, over a real socket."""

import asyncio
from dataclasses import dataclass, field

import agents
import openai

from taskchat.gemini import MODEL_SETTINGS, create_model
from taskchat.settings import GeminiSettings
from tests.support.model_server import ModelServer

MODEL = "gemini-scripted"


@dataclass
class Session:
    """A model server, a client on it, and what the tools were called with."""

    server: ModelServer
    settings: GeminiSettings
    client: openai.AsyncOpenAI
    executed: list[tuple[str, str]] = field(default_factory=list)

    def agent(self) -> agents.Agent[None]:
        @agents.function_tool
        async def create_task(title: str) -> str:
            """Create a task."""
            self.executed.append(("create_task", title))
            return f'{{"task": {{"title": "{title}"}}}}'

        @agents.function_tool
        async def list_tasks() -> str:
            """List the tasks."""
            self.executed.append(("list_tasks", ""))
            return '{"tasks": []}'

        return agents.Agent(
            name="assistant",
            instructions="Manage tasks.",
            model=create_model(self.settings, self.client),
            model_settings=MODEL_SETTINGS,
            tools=[create_task, list_tasks],
        )

    async def run(
        self, question: str | list[agents.TResponseInputItem] = "Hello"
    ) -> agents.RunResultStreaming:
        """A whole streamed run; its errors are raised."""
        result = agents.Runner.run_streamed(self.agent(), question, max_turns=4)
        async for _ in result.stream_events():
            await asyncio.sleep(0)
        return result
