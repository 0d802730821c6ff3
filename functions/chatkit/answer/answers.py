"""Starts answers: one short transaction, then a run that outlives the request."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from chatkit.types import (
    Attachment,
    ThreadItemReplacedEvent,
    ThreadMetadata,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsRetryAfterItemReq,
    ThreadStreamEvent,
    UserMessageInput,
    UserMessageItem,
)

from functions.chatkit.answer.answer import Answer, StartAgent
from functions.chatkit.answer.questions import AnsweredBeforeError, answer_question
from functions.chatkit.answer.titles import title_from
from functions.chatkit.effects import stream_options
from functions.chatkit.serialization import to_json
from taskchat.attachments.service import Attachments, claim
from taskchat.clock import utc_now
from taskchat.context import RequestContext
from taskchat.database import Database, with_retries
from taskchat.errors import NotSupportedError
from taskchat.identifiers import new_id
from taskchat.limits import take_follower_slot
from taskchat.log_context import bind_log_fields
from taskchat.runs.ending import lose_expired_run
from taskchat.runs.execution import RunExecution
from taskchat.runs.follow import follow_log
from taskchat.runs.models import IdempotencyKey
from taskchat.runs.service import NewRun, NewThread, begin_run, find_running
from taskchat.runs.shutdown import RunsInProgress
from taskchat.settings import LimitSettings
from taskchat.threads.items import item_row, require_thread, set_aside_answer
from taskchat.threads.repository import put_items

type AnswerRequest = (
    ThreadsCreateReq
    | ThreadsAddUserMessageReq
    | ThreadsRetryAfterItemReq
    | ThreadsAddStructuredInputReq
)

RETRY_SECONDS = 3.0
"""How long recording a message is retried on broken connections. After that it fails with 503."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The answers that this process makes, and those of other processes that it follows."""

    database: Database
    limits: LimitSettings
    attachments: Attachments | None
    start_agent: StartAgent
    in_progress: RunsInProgress

    async def start(
        self,
        request: AnswerRequest,
        context: RequestContext,
        *,
        key: IdempotencyKey | None,
        deadline: float,
    ) -> tuple[AsyncIterator[str], RunExecution | None]:
        """Start the answer, or find the earlier one with the same idempotency key.

        The answer ends at `deadline`, a time of the event loop's clock. Returns all of its events
        as JSON texts, and the run if it was started here. Raises what `begin_run`,
        `set_aside_answer` and `Attachments.check` raise.
        """
        answer = _new_answer(request, context)
        if answer.message and (named := _named_attachments(request)):
            answer.message.attachments = await self._check_attachments(named, answer)
            if answer.new_thread and not answer.new_thread.title:
                answer.new_thread.title = answer.message.attachments[0].name
        try:
            earlier_id = await with_retries(lambda: self._begin(answer, key), RETRY_SECONDS)
        except AnsweredBeforeError as error:
            # Another tab that still shows the question can only learn of the reply this way.
            return _said(stream_options(), ThreadItemReplacedEvent(item=error.item)), None
        if earlier_id:
            return self._read(earlier_id, context), None
        run = self._execute(answer, deadline)
        if answer.message and answer.message.attachments and self.attachments:
            # The run has begun: a slow store must not let its lease run out.
            await self.attachments.clean_up(answer.message.attachments, answer.user_id)
        return run.transcript.read(), run

    async def _check_attachments(self, named: list[str], answer: Answer) -> list[Attachment]:
        if self.attachments is None:
            raise NotSupportedError("Attachments are not supported.")
        checked = await self.attachments.check(named, answer.context)
        sent_in = {"thread_id": answer.thread_id, "upload_descriptor": None}
        return [attachment.model_copy(update=sent_in) for attachment in checked]

    async def _begin(self, answer: Answer, key: IdempotencyKey | None) -> str | None:
        """Record the run and the message, or return the id of the run that already answers it."""
        thread = answer.new_thread
        new_run = NewRun(
            run_id=answer.run_id,
            user=answer.context.user,
            thread_id=answer.thread_id,
            new_thread=NewThread(title=thread.title, created_at=thread.created_at)
            if thread
            else None,
            answers_item_id=answer.answers_item_id,
            key=key,
        )
        async with self.database.transaction() as connection, connection.committing():
            earlier_id = await begin_run(connection, new_run, self.limits)
            if earlier_id:
                return earlier_id
            if answer.message:
                # `begin_run` has checked that the thread exists.
                row = item_row(answer.message)
                await put_items(connection, answer.user_id, answer.thread_id, [row])
                if sent := [attachment.id for attachment in answer.message.attachments]:
                    await claim(
                        connection, answer.user_id, answer.thread_id, answer.message.id, sent
                    )
            elif answer.submission:
                answer.answered_question = await answer_question(
                    connection,
                    answer.user_id,
                    answer.thread_id,
                    answer.answers_item_id,
                    answer.submission,
                )
            else:
                await set_aside_answer(
                    connection,
                    answer.user_id,
                    answer.thread_id,
                    answer.answers_item_id,
                    answer.run_id,
                )
        return None

    def _execute(self, answer: Answer, deadline: float) -> RunExecution:
        bind_log_fields(run_id=answer.run_id, thread_id=answer.thread_id)
        run = RunExecution(
            answer.run_id,
            answer.user_id,
            database=self.database,
            events=answer.events(self.database, self.start_agent),
            checkpoint=answer,
            deadline=deadline,
        )
        self.in_progress[answer.run_id] = run
        run.task.add_done_callback(lambda _: self.in_progress.pop(answer.run_id, None))
        return run

    def _read(self, run_id: str, context: RequestContext) -> AsyncIterator[str]:
        """All events of a run, which this or another process makes."""
        if run := self.in_progress.get(run_id):
            return run.transcript.read()
        return follow_log(self.database, run_id, context.user.id)

    async def follow(self, thread_id: str, context: RequestContext) -> AsyncIterator[str]:
        """The events of the running answer in a thread, or none if nothing runs.

        Raises `NotFoundError`, and `TooManyAtOnceError` if the person has too many followers.
        """
        user_id = context.user.id
        async with self.database.transaction() as connection:
            await require_thread(connection, user_id, thread_id)
            run = await find_running(connection, user_id, thread_id)
        if run is None:
            return _said()
        slot = await take_follower_slot(self.database, user_id, self.limits)
        return slot.hold(self._read(run.id, context))

    async def end_lost(self, thread_id: str, context: RequestContext) -> None:
        """End the thread's run if its process died, so that the thread shows no open items."""
        async with self.database.transaction() as connection:
            await lose_expired_run(connection, context.user.id, thread_id)


async def _said(*events: ThreadStreamEvent) -> AsyncIterator[str]:
    for event in events:
        yield to_json(event)


def _named_attachments(request: AnswerRequest) -> list[str]:
    """The ids of the message's attachments, without duplicates."""
    match request:
        case ThreadsCreateReq(params=params) | ThreadsAddUserMessageReq(params=params):
            return list(dict.fromkeys(params.input.attachments))
        case _:
            return []


def _new_answer(request: AnswerRequest, context: RequestContext) -> Answer:
    """The answer that a request asks for, with all ids that it needs."""
    run_id = new_id("run")
    match request:
        case ThreadsRetryAfterItemReq(params=params):
            return Answer(
                context,
                run_id=run_id,
                thread_id=params.thread_id,
                answers_item_id=params.item_id,
            )
        case ThreadsAddStructuredInputReq(params=params):
            return Answer(
                context,
                run_id=run_id,
                thread_id=params.thread_id,
                answers_item_id=params.item_id,
                submission=params.input,
            )
        case ThreadsAddUserMessageReq(params=params):
            message, new_thread = _user_message(params.input, params.thread_id), None
        case _:
            message = _user_message(request.params.input, new_id("thr"))
            new_thread = ThreadMetadata(
                id=message.thread_id,
                title=title_from(message.content),
                created_at=message.created_at,
            )
    return Answer(
        context,
        run_id=run_id,
        thread_id=message.thread_id,
        answers_item_id=message.id,
        message=message,
        new_thread=new_thread,
    )


def _user_message(message: UserMessageInput, thread_id: str) -> UserMessageItem:
    """Built as in the SDK, but stored with the run, so that no accepted message can be lost."""
    return UserMessageItem(
        id=new_id("msg"),
        thread_id=thread_id,
        created_at=utc_now(),
        content=message.content,
        quoted_text=message.quoted_text,
        inference_options=message.inference_options,
    )
