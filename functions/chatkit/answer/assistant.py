"""The assistant: runs this process's agent for an answer and yields ChatKit's events."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import override

from agents import Agent, RunConfig, Runner, RunResultStreaming
from chatkit.agents import stream_agent_response
from chatkit.types import Page, ThreadItem, ThreadMetadata, ThreadStreamEvent
from openai import AsyncOpenAI

from functions.chatkit.answer.agent import create_agent
from functions.chatkit.answer.agent_context import AnswerContext, EndSteps
from functions.chatkit.answer.answer import RETRY_SECONDS, AgentRun, Answer
from functions.chatkit.answer.files import load_files
from functions.chatkit.answer.history import HistoryConverter, load_history
from functions.chatkit.answer.message_ids import MessageIds
from taskchat.attachments.storage import FileStorage
from taskchat.clock import utc_now
from taskchat.context import RequestContext
from taskchat.database import Database, with_retries
from taskchat.errors import TaskchatError
from taskchat.gemini import create_client, create_model, translate_model_error
from taskchat.settings import GeminiSettings, LimitSettings
from taskchat.threads.store import PostgresStore

MAX_MODEL_STEPS = 12
"""How many times one answer may call the model: once for each round of tool calls."""


class Assistant:
    """The process's one agent, with its connection to the model."""

    def __init__(
        self,
        database: Database,
        gemini: GeminiSettings,
        api_key: str,
        *,
        files: FileStorage | None,
        limits: LimitSettings,
        tool_timeout_seconds: float,
    ) -> None:
        self._database = database
        self._files = files
        self._store = _AgentStore(database)
        self._client: AsyncOpenAI = create_client(gemini, api_key)
        model = create_model(gemini, self._client)
        self._agent: Agent[AnswerContext] = create_agent(
            model, database, limits, tool_timeout_seconds
        )

    async def start(self, answer: Answer) -> AgentRun:
        """Start the agent with the thread's items as its input."""
        items, converter = await with_retries(lambda: self._load_history(answer), RETRY_SECONDS)
        converter.files = await load_files(self._files, answer.user_id, items)
        context = AnswerContext(
            # The SDK uses nothing of the thread but its id.
            thread=ThreadMetadata(id=answer.thread_id, created_at=utc_now()),
            store=self._store,
            request_context=answer.context,
            answer=answer,
        )
        result = Runner.run_streamed(
            self._agent,
            await converter.to_agent_input(items),
            context=context,
            hooks=EndSteps(),
            max_turns=MAX_MODEL_STEPS,
            run_config=RunConfig(tracing_disabled=True),
        )
        return _Run(context, result)

    async def _load_history(self, answer: Answer) -> tuple[list[ThreadItem], HistoryConverter]:
        async with self._database.autocommit() as connection:
            return await load_history(connection, answer)

    async def close(self) -> None:
        """Close the connections to the model."""
        await self._client.close()


@dataclass(frozen=True)
class _Run(AgentRun):
    """A run of openai-agents as ChatKit's events."""

    context: AnswerContext
    result: RunResultStreaming

    @override
    async def events(self) -> AsyncIterator[ThreadStreamEvent]:
        message_ids = MessageIds()
        try:
            async for event in stream_agent_response(self.context, self.result):
                # The context ends its own workflows. The SDK would end them again, in the state
                # in which they began.
                item = self.context.workflow_item
                if item and item.workflow.type == "custom":
                    self.context.workflow_item = None
                yield message_ids.give(event)
                self.context.release(event)
        except Exception as error:
            known = translate_model_error(error) or _find_known(error)
            if known is None:
                raise
            raise known from error

    @override
    def halt(self) -> None:
        # Cancelling only the stream would let the tools go on.
        self.result.cancel()

    @override
    async def settle(self) -> list[ThreadStreamEvent]:
        self.halt()
        return await self.context.settle()

    @override
    def usage(self) -> tuple[int, int]:
        usage = self.result.context_wrapper.usage
        return usage.input_tokens, usage.output_tokens


class _AgentStore(PostgresStore[RequestContext]):
    """The store that generates ids for the agent run.

    The SDK looks for a workflow to continue in the thread's last items. It must not find one: each
    answer has its own workflows.
    """

    @override
    async def load_thread_items(
        self,
        thread_id: str,
        after: str | None,
        limit: int,
        order: str,
        context: RequestContext,
    ) -> Page[ThreadItem]:
        return Page()


def _find_known(error: BaseException | None) -> TaskchatError | None:
    """Our own error, which openai-agents may have wrapped in one of its own."""
    while error:
        if isinstance(error, TaskchatError):
            return error
        error = error.__cause__
    return None
