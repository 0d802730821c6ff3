"""Buttons and the page's own actions: carried out once, and answered alike when they come again."""

from collections.abc import AsyncIterable
from dataclasses import dataclass, replace

from chatkit.server import NonStreamingResult, StreamingResult
from chatkit.types import ThreadsCustomActionReq, ThreadsSyncCustomActionReq, WidgetItem

from functions.chatkit.actions import perform
from functions.chatkit.answers import event_json
from functions.chatkit.context import ChatContext
from functions.chatkit.server import TaskChatServer
from taskchat.database import Database
from taskchat.errors import BadRequestError
from taskchat.runs.idempotency import begin_click, end_click
from taskchat.runs.models import IdempotencyKey


@dataclass(frozen=True, kw_only=True)
class Clicks:
    """Carries out actions, and has the SDK show what came of them."""

    database: Database
    server: TaskChatServer

    async def stream(
        self,
        request: ThreadsCustomActionReq,
        body: bytes,
        key: IdempotencyKey | None,
        context: ChatContext,
    ) -> list[str]:
        """The events that answer the click, as JSON texts; those of the first time under its key.

        Raises what `perform` raises, and `IdempotencyKeyReusedError`.
        """
        if key is None:
            return await self._perform_and_show(request, body, context)
        async with self.database.transaction() as connection:
            before = await begin_click(connection, context.user, key)
        if before is not None:
            return before.split("\n")
        events = await self._perform_and_show(request, body, context)
        async with self.database.transaction() as connection:
            await end_click(connection, context.user, key, "\n".join(events))
        return events

    async def _perform_and_show(
        self, request: ThreadsCustomActionReq, body: bytes, context: ChatContext
    ) -> list[str]:
        result = await self.server.process(body, await self._perform(request, context))
        assert isinstance(result, StreamingResult)
        # What was clicked is done, and its events are ready: there is nothing to wait for.
        events: AsyncIterable[bytes] = result
        return [event_json(event) async for event in events]

    async def answer(
        self, request: ThreadsSyncCustomActionReq, body: bytes, context: ChatContext
    ) -> bytes:
        """The same for buttons that do not stream: the JSON that answers."""
        result = await self.server.process(body, await self._perform(request, context))
        assert isinstance(result, NonStreamingResult)
        return result.json

    async def _perform(
        self, request: ThreadsCustomActionReq | ThreadsSyncCustomActionReq, context: ChatContext
    ) -> ChatContext:
        params = request.params
        thread = await self.server.store.load_thread(params.thread_id, context)
        sender = await self._load_widget(thread.id, params.item_id, context)
        done = await perform(self.database, thread, params.action, sender, context)
        return replace(context, done=done)

    async def _load_widget(
        self, thread_id: str, item_id: str | None, context: ChatContext
    ) -> WidgetItem | None:
        if item_id is None:
            return None
        item = await self.server.store.load_item(thread_id, item_id, context)
        if not isinstance(item, WidgetItem):
            raise BadRequestError("An action comes from a widget.")
        return item
