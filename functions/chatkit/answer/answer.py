"""One answer: its person, thread and run, its events, and how its items are stored."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from chatkit.types import (
    Page,
    StructuredInputItem,
    StructuredInputSubmission,
    Thread,
    ThreadCreatedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
    WidgetItem,
)

from functions.chatkit.answer.checkpoint import Checkpoint, UnsavedItem
from functions.chatkit.answer.safeguards import Safeguards
from functions.chatkit.effects import stream_options
from functions.chatkit.serialization import to_json
from taskchat.context import RequestContext
from taskchat.database import Connection, Database, with_retries
from taskchat.threads.items import item_row
from taskchat.threads.repository import put_items

RETRY_SECONDS = 10.0
"""How long a running answer waits for an unavailable database."""


class AgentRun(Protocol):
    """What the model and the tools do for one answer."""

    def events(self) -> AsyncIterator[ThreadStreamEvent]:
        """Their events, as they happen. Raises `TaskchatError`."""

    def halt(self) -> None:
        """Stop calling the model and starting tools. The events end soon after."""

    async def settle(self) -> list[ThreadStreamEvent]:
        """Wait for the running tools to finish. Returns the events that were not read yet."""

    def usage(self) -> tuple[int, int]:
        """The model's input and output tokens so far."""


type StartAgent = Callable[[Answer], Awaitable[AgentRun]]
"""Starts the agent on an answer, with the thread's items as its input."""


class Answer:
    """What a run writes, and what identifies it. Driven by `taskchat.runs.RunExecution`.

    `message` is the person's new message, which is stored together with the run. `new_thread` is
    the thread that the message opens, if it opens one. `submission` is the person's reply to a
    question; `answered_question` then holds the question with the reply. Without a message and a
    submission, this is a retry: it answers an old message again.

    All ids are chosen in advance, so recording the same answer twice is idempotent.
    """

    def __init__(
        self,
        context: RequestContext,
        *,
        run_id: str,
        thread_id: str,
        answers_item_id: str,
        message: UserMessageItem | None = None,
        submission: StructuredInputSubmission | None = None,
        new_thread: ThreadMetadata | None = None,
    ) -> None:
        self.context = context
        self.run_id = run_id
        self.thread_id = thread_id
        self.answers_item_id = answers_item_id
        self.message = message
        self.submission = submission
        self.answered_question: StructuredInputItem | None = None
        self.new_thread = new_thread
        self.safeguards = Safeguards()
        self._checkpoint = Checkpoint()
        self._sent: list[UnsavedItem] = []
        self._agent_run: AgentRun | None = None

    @property
    def user_id(self) -> str:
        """The person who gets the answer."""
        return self.context.user.id

    async def events(self, database: Database, start_agent: StartAgent) -> AsyncIterator[str]:
        """The answer's events as they come, as JSON texts. Raises `TaskchatError`."""
        for event in self._opening():
            yield to_json(event)
        self._agent_run = await start_agent(self)
        async for event in self._agent_run.events():
            self._checkpoint.observe(event)
            if _shows_widget(event):
                # The widget must be stored before the person can click its buttons.
                await with_retries(lambda: self._write_now(database), RETRY_SECONDS)
            yield to_json(event)

    async def _write_now(self, database: Database) -> None:
        async with database.transaction() as connection, connection.committing():
            written = await self.write(connection)
        self.written(written)

    def _opening(self) -> list[ThreadStreamEvent]:
        opening: list[ThreadStreamEvent] = []
        if self.new_thread:
            thread = Thread(**dict(self.new_thread), items=Page())
            opening.append(ThreadCreatedEvent(thread=thread))
        if self.message:
            opening.append(ThreadItemDoneEvent(item=self.message))
        opening.append(stream_options())
        if self.answered_question:
            opening.append(ThreadItemReplacedEvent(item=self.answered_question))
        return opening

    def halt(self) -> None:
        """Stop calling the model and starting tools. The events end soon after."""
        if self._agent_run:
            self._agent_run.halt()

    async def close(self) -> list[str]:
        """Complete the open items. Returns the events for it, as JSON texts."""
        events = await self._agent_run.settle() if self._agent_run else []
        for event in events:
            self._checkpoint.observe(event)
        return [to_json(event) for event in [*events, *self._checkpoint.close()]]

    async def save(self, connection: Connection) -> None:
        """Store the items that changed. Call `confirm` once that is committed."""
        self._sent = await self.write(connection)

    def confirm(self) -> None:
        """Note that the last `save` was committed."""
        self.written(self._sent)

    async def write(self, connection: Connection) -> list[UnsavedItem]:
        """Like `save`, for other transactions. Pass the result to `written` after the commit."""
        unsaved = self._checkpoint.unsaved()
        rows = [item_row(item.item, is_open=not item.done, run_id=self.run_id) for item in unsaved]
        if rows:
            await put_items(connection, self.user_id, self.thread_id, rows)
        return unsaved

    def written(self, items: list[UnsavedItem]) -> None:
        """Note that what `write` returned was committed."""
        self._checkpoint.confirm(items)

    def usage(self) -> tuple[int, int]:
        """The model's input and output tokens so far."""
        return self._agent_run.usage() if self._agent_run else (0, 0)


def _shows_widget(event: ThreadStreamEvent) -> bool:
    match event:
        case ThreadItemDoneEvent(item=WidgetItem()) | ThreadItemReplacedEvent(item=WidgetItem()):
            return True
        case _:
            return False
