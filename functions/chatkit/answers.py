"""Starts answers: one short transaction, and then a run of its own that outlives the request."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from chatkit.server import StreamingResult
from chatkit.types import (
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsRetryAfterItemReq,
    UserMessageInput,
    UserMessageItem,
)

from functions.chatkit.context import ChatContext
from functions.chatkit.drafts import AnswerDrafts
from functions.chatkit.server import TaskChatServer
from taskchat.clock import utc_now
from taskchat.database import Database, with_retries
from taskchat.errors import BadRequestError
from taskchat.identifiers import new_id
from taskchat.log_context import bind_log_fields
from taskchat.runs.ending import lose_expired_run
from taskchat.runs.execution import RunExecution, RunsInProgress
from taskchat.runs.follow import follow_log
from taskchat.runs.models import IdempotencyKey
from taskchat.runs.service import NewRun, begin_run, find_running
from taskchat.settings import LimitSettings
from taskchat.threads import append_item

type AnswerRequest = ThreadsCreateReq | ThreadsAddUserMessageReq | ThreadsRetryAfterItemReq

RETRY_SECONDS = 3.0
"""How long a connection that broke is no reason to refuse a message; then it is 503."""


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A request as it came: its body, its key, and when its answer has to end.

    `deadline` is a time of the event loop's clock.
    """

    body: bytes
    key: IdempotencyKey | None
    deadline: float


class Answers:
    """The answers that this process makes, and those of others that it follows."""

    def __init__(self, database: Database, server: TaskChatServer, limits: LimitSettings) -> None:
        self.in_progress: RunsInProgress = {}
        self._database = database
        self._server = server
        self._limits = limits

    async def start(
        self, request: AnswerRequest, incoming: Incoming, context: ChatContext
    ) -> tuple[AsyncIterator[str], RunExecution | None]:
        """Begin the answer, or find the one that the idempotency key belongs to.

        Returns its events, as JSON texts from the first, and the run where this process makes it.
        Raises what `begin_run` raises, and `NotFoundError` for a message to retry that is none.
        """
        context, message, new_run = await self._prepare(request, incoming, context)
        added = None if context.retries else message
        earlier_id = await with_retries(lambda: self._begin(new_run, added), RETRY_SECONDS)
        if earlier_id:
            return self.follow(earlier_id, context), None
        run = self._execute(new_run, incoming, context)
        return run.transcript.read(), run

    async def _begin(self, new_run: NewRun, message: UserMessageItem | None) -> str | None:
        async with self._database.transaction() as connection:
            earlier_id = await begin_run(connection, new_run, self._limits)
            if earlier_id is None and message:
                await append_item(connection, new_run.user.id, new_run.thread_id, message)
        return earlier_id

    async def _prepare(
        self, request: AnswerRequest, incoming: Incoming, context: ChatContext
    ) -> tuple[ChatContext, UserMessageItem, NewRun]:
        """The message to answer: a new one with ids made up here, or the one to answer anew."""
        retries = isinstance(request, ThreadsRetryAfterItemReq)
        match request:
            case ThreadsRetryAfterItemReq(params=params):
                message = await self._load_message(params.thread_id, params.item_id, context)
            case ThreadsAddUserMessageReq(params=params):
                message = _user_message(params.input, params.thread_id)
            case _:
                message = _user_message(request.params.input, new_id("thr"))
        new_run = NewRun(
            run_id=new_id("run"),
            user=context.user,
            thread_id=message.thread_id,
            new_thread=isinstance(request, ThreadsCreateReq),
            answers_item_id=message.id,
            key=incoming.key,
        )
        context = replace(
            context,
            thread_id=new_run.thread_id,
            message=message,
            run_id=new_run.run_id,
            retries=retries,
            drafts=AnswerDrafts(context.user.id, new_run.thread_id, new_run.run_id),
        )
        return context, message, new_run

    async def _load_message(
        self, thread_id: str, item_id: str, context: ChatContext
    ) -> UserMessageItem:
        item = await self._server.store.load_item(thread_id, item_id, context)
        if not isinstance(item, UserMessageItem):
            raise BadRequestError("Only the answer to a message can be retried.")
        return item

    def _execute(self, new_run: NewRun, incoming: Incoming, context: ChatContext) -> RunExecution:
        assert context.drafts is not None
        bind_log_fields(run_id=new_run.run_id, thread_id=new_run.thread_id)
        run = RunExecution(
            new_run.run_id,
            context.user.id,
            database=self._database,
            events=self._events(incoming.body, context),
            checkpoint=context.drafts,
            deadline=incoming.deadline,
        )
        self.in_progress[new_run.run_id] = run
        run.task.add_done_callback(lambda _: self.in_progress.pop(new_run.run_id, None))
        return run

    async def _events(self, body: bytes, context: ChatContext) -> AsyncIterator[str]:
        result = await self._server.process(body, context)
        assert isinstance(result, StreamingResult)
        async for event in result:
            yield event_json(event)

    def follow(self, run_id: str, context: ChatContext) -> AsyncIterator[str]:
        """The events of a run from the first, wherever it is made."""
        if run := self.in_progress.get(run_id):
            return run.transcript.read()
        return follow_log(self._database, run_id, context.user.id)

    async def follow_thread(self, thread_id: str, context: ChatContext) -> AsyncIterator[str]:
        """The events of the answer in progress in a thread; none where nothing runs.

        Raises `NotFoundError`.
        """
        await self._server.store.load_thread(thread_id, context)
        async with self._database.transaction() as connection:
            run = await find_running(connection, context.user.id, thread_id)
        return self.follow(run.id, context) if run else _nothing()

    async def end_lost(self, thread_id: str, context: ChatContext) -> None:
        """Close what a process that died has left open in the thread, before it is shown."""
        async with self._database.transaction() as connection:
            await lose_expired_run(connection, context.user.id, thread_id)


async def _nothing() -> AsyncIterator[str]:
    return
    yield


def event_json(event: bytes) -> str:
    """The JSON of one `data: …` event as the SDK serialises it."""
    return event.removeprefix(b"data: ").rstrip(b"\n").decode()


def _user_message(message: UserMessageInput, thread_id: str) -> UserMessageItem:
    """As the SDK builds it; stored with the run, so that no accepted message can be lost."""
    return UserMessageItem(
        id=new_id("msg"),
        thread_id=thread_id,
        created_at=utc_now(),
        content=message.content,
        quoted_text=message.quoted_text,
        inference_options=message.inference_options,
    )
