"""The ChatKit server: who answers, and what stays when an answer is cut off."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import override

from agents import Agent, RunConfig, Runner, RunResultStreaming
from chatkit.agents import stream_agent_response
from chatkit.errors import CustomStreamError
from chatkit.server import (
    DEFAULT_PAGE_SIZE,
    ChatKitServer,
    NonStreamingResult,
    StreamingResult,
)
from chatkit.types import (
    AssistantMessageItem,
    FeedbackKind,
    ItemsListReq,
    NonStreamingReq,
    StreamingReq,
    Thread,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadsCreateReq,
    ThreadsGetByIdReq,
    ThreadStreamEvent,
    UserMessageItem,
    is_streaming_req,
)

from functions.chatkit.context import ChatContext
from functions.chatkit.history import HistoryConverter, load_history
from functions.chatkit.requests import parse_request
from functions.chatkit.store import RunStore
from functions.chatkit.titles import title_from
from functions.chatkit.turn import Turn, TurnHooks
from taskchat.clock import utc_now
from taskchat.database import Database
from taskchat.errors import ModelError, TaskchatError
from taskchat.gemini import translate_model_error
from taskchat.identifiers import new_id
from taskchat.threads import MAX_ITEMS, save_feedback

logger = logging.getLogger(__name__)

MAX_MODEL_STEPS = 12
"""How often one answer may go to the model: each round of tool calls is one."""


class TaskChatServer(ChatKitServer[ChatContext]):
    """The protocol of the SDK over Postgres, answered by the agent."""

    def __init__(self, database: Database, agent: Agent[Turn]) -> None:
        super().__init__(RunStore(database))
        self.store: RunStore
        self._database = database
        self._agent = agent
        self._converter = HistoryConverter()

    @override
    async def process(
        self, request: str | bytes | bytearray, context: ChatContext
    ) -> StreamingResult | NonStreamingResult:
        """As the SDK does it, which makes its parser anew for each request, for milliseconds."""
        parsed = parse_request(request)
        if is_streaming_req(parsed):
            return StreamingResult(self._process_streaming(parsed, context))
        return NonStreamingResult(await self._process_non_streaming(parsed, context))

    @override
    async def _process_non_streaming(self, request: NonStreamingReq, context: ChatContext) -> bytes:
        """As the SDK does it, but for pages of items: a page holds only what the person sees."""
        match request:
            case ThreadsGetByIdReq(params=params):
                thread = await self.store.load_thread(params.thread_id, context)
                items = await self.store.load_visible_items(
                    thread.id, None, MAX_ITEMS, "asc", context
                )
                shown = Thread(**thread.model_dump(), items=items)
                return self._serialize(self._to_thread_response(shown))
            case ItemsListReq(params=params):
                items = await self.store.load_visible_items(
                    params.thread_id,
                    params.after,
                    params.limit or DEFAULT_PAGE_SIZE,
                    params.order,
                    context,
                )
                return self._serialize(items)
            case _:
                return await super()._process_non_streaming(request, context)

    @override
    async def _process_streaming_impl(
        self, request: StreamingReq, context: ChatContext
    ) -> AsyncGenerator[ThreadStreamEvent]:
        """As the SDK does it, but for a new message: that is stored with its run already.

        The SDK would make the message and the thread anew, with times that have no offset.
        """
        message = context.message
        if message is None or context.retries:
            async for event in super()._process_streaming_impl(request, context):
                yield event
            return
        thread = await self.store.load_thread(message.thread_id, context)
        if isinstance(request, ThreadsCreateReq):
            yield ThreadCreatedEvent(thread=self._to_thread_response(thread))
        yield ThreadItemDoneEvent(item=message)
        respond = partial(self.respond, thread, message, context)
        async for event in self._process_events(thread, context, respond):
            yield event

    @override
    async def respond(
        self,
        thread: ThreadMetadata,
        input_user_message: UserMessageItem | None,
        context: ChatContext,
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Answer the newest message of the thread."""
        drafts = context.drafts
        if context.run_id is None or drafts is None:
            raise ValueError("an answer is made by a run")
        if thread.title is None and input_user_message:
            thread.title = title_from(input_user_message.content)
        turn = Turn(
            thread=thread,
            store=self.store,
            request_context=context,
            database=self._database,
            run_id=context.run_id,
        )
        history = await load_history(self.store, thread.id, context)
        result = Runner.run_streamed(
            self._agent,
            await self._converter.to_agent_input(history),
            context=turn,
            hooks=TurnHooks(),
            max_turns=MAX_MODEL_STEPS,
            run_config=RunConfig(tracing_disabled=True),
        )
        message_ids = _MessageIds()
        drafts.follow(_AgentRun(turn, result))
        try:
            async for event in stream_agent_response(turn, result):
                # The turn ends its own workflows; the SDK would end them again, as they began.
                if turn.workflow_item and turn.workflow_item.workflow.type == "custom":
                    turn.workflow_item = None
                renamed = message_ids.give(event)
                _give_offset(renamed)
                drafts.observe(renamed)
                yield renamed
                drafts.release(renamed)
                turn.release(event)
        except Exception as error:
            known = translate_model_error(error) or _find_known(error)
            if known is None:
                raise
            retryable = known.retryable if isinstance(known, ModelError) else True
            raise CustomStreamError(str(known), allow_retry=retryable) from error

    @override
    async def handle_stream_cancelled(
        self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: ChatContext
    ) -> None:
        """Nothing: the run keeps what was written, and tells the model, in the way it ends."""

    @override
    async def add_feedback(
        self, thread_id: str, item_ids: list[str], feedback: FeedbackKind, context: ChatContext
    ) -> None:
        """Keep what the person thinks of an answer."""
        async with self._database.transaction() as connection:
            await save_feedback(connection, context.user.id, thread_id, item_ids, feedback)


@dataclass(frozen=True)
class _AgentRun:
    """See `functions.chatkit.drafts.AgentRun`."""

    turn: Turn
    result: RunResultStreaming

    def halt(self) -> None:
        # Whoever only cancels the stream does not stop the agent: its tools would go on.
        self.result.cancel()

    async def settle(self) -> list[ThreadStreamEvent]:
        self.halt()
        return await self.turn.settle()

    def usage(self) -> tuple[int, int]:
        usage = self.result.context_wrapper.usage
        return usage.input_tokens, usage.output_tokens


def _find_known(error: BaseException | None) -> TaskchatError | None:
    """The error of ours that openai-agents has wrapped into one of its own."""
    while error:
        if isinstance(error, TaskchatError):
            return error
        error = error.__cause__
    return None


def _give_offset(event: ThreadStreamEvent) -> None:
    """Put a time that the SDK has stamped without an offset in UTC: browsers take it for theirs."""
    match event:
        case ThreadItemAddedEvent(item=item) | ThreadItemDoneEvent(item=item):
            item.created_at = item.created_at.astimezone(UTC)
        case _:
            pass


class _MessageIds:
    """Gives each message an id and a time of its own.

    openai-agents names every message of a chat-completions model `__fake_id__`
    (agents.models.fake_id), so that two messages of one run would overwrite each other.
    """

    def __init__(self) -> None:
        self._current: str | None = None
        self._created_at = utc_now()

    def give(self, event: ThreadStreamEvent) -> ThreadStreamEvent:
        match event:
            case ThreadItemAddedEvent(item=AssistantMessageItem() as item):
                self._current, self._created_at = new_id("msg"), utc_now()
                return ThreadItemAddedEvent(item=self._renamed(item))
            case ThreadItemDoneEvent(item=AssistantMessageItem() as item) if self._current:
                return ThreadItemDoneEvent(item=self._renamed(item))
            case ThreadItemUpdatedEvent(update=update) if self._current and update.type.startswith(
                "assistant_message."
            ):
                return ThreadItemUpdatedEvent(item_id=self._current, update=update)
            case _:
                return event

    def _renamed(self, item: AssistantMessageItem) -> AssistantMessageItem:
        return item.model_copy(update={"id": self._current, "created_at": self._created_at})
