"""One answer: to whom, in which thread, by which run, and what is written of it."""

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
"""How long an answer in the making waits for a database that is away."""


class AgentRun(Protocol):
    """What the model and the tools do for one answer."""

    def events(self) -> AsyncIterator[ThreadStreamEvent]:
        """What they say and do, as it happens. Raises `TaskchatError`."""

    def halt(self) -> None:
        """Ask the model no more, and start no tool; the events come to their end soon."""

    async def settle(self) -> list[ThreadStreamEvent]:
        """Let the tools that have begun end; returns the events that nobody has read yet."""

    def usage(self) -> tuple[int, int]:
        """The model's input and output tokens so far."""


type StartAgent = Callable[[Answer], Awaitable[AgentRun]]
"""Sets the agent to work on an answer, with what the thread holds."""


class Answer:
    """What a run writes, and all that identifies it; driven by `taskchat.runs.RunExecution`.

    `message` is the person's new message, stored together with the run, and `new_thread` the thread
    that it opens, if it does; `submission` is what they answered to a question, which is then in
    `answered_question`. With neither, an old message is answered anew. Every id is given in
    advance, so that recording the same answer twice is recording it once.
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
                # A button may be clicked as soon as it is seen.
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
        """Stop the model and start no tool; the events come to their end soon."""
        if self._agent_run:
            self._agent_run.halt()

    async def close(self) -> list[str]:
        """Complete what is open; returns the events that tell of it, as JSON texts."""
        events = await self._agent_run.settle() if self._agent_run else []
        for event in events:
            self._checkpoint.observe(event)
        return [to_json(event) for event in [*events, *self._checkpoint.close()]]

    async def save(self, connection: Connection) -> None:
        """Store what is not stored as it is now; to be `confirm`ed once that is committed."""
        self._sent = await self.write(connection)

    def confirm(self) -> None:
        """Note that the last `save` was committed."""
        self.written(self._sent)

    async def write(self, connection: Connection) -> list[UnsavedItem]:
        """As `save`, for a transaction beside it; `written` confirms what this returns."""
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
