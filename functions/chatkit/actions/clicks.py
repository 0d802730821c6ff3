"""Carries out actions of buttons and of the page once: a repeated key gets the same response."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chatkit.types import (
    NoticeEvent,
    SyncCustomActionResponse,
    ThreadItemReplacedEvent,
    ThreadsCustomActionReq,
    ThreadsSyncCustomActionReq,
    ThreadStreamEvent,
)

from functions.chatkit.actions.perform import Performed, perform
from functions.chatkit.effects import stream_options, tasks_changed
from functions.chatkit.serialization import to_json
from taskchat.context import RequestContext
from taskchat.database import Database
from taskchat.runs.idempotency import begin_click, end_click
from taskchat.runs.models import IdempotencyKey
from taskchat.settings import LimitSettings


@dataclass(frozen=True, kw_only=True)
class Clicks:
    """Carries out actions, and returns their outcome in the protocol's two forms."""

    database: Database
    limits: LimitSettings

    async def stream(
        self, request: ThreadsCustomActionReq, key: IdempotencyKey | None, context: RequestContext
    ) -> list[str]:
        """Carry out a click, and return its events as JSON.

        If its key was used before, returns the events of the first time. Raises what `perform`
        raises, and `IdempotencyKeyReusedError`.
        """

        async def carry_out() -> str:
            performed = await self._perform(request, context, tell_in_widget=False)
            return "\n".join(to_json(event) for event in _events(performed))

        return (await self._once(carry_out, key, context)).split("\n")

    async def answer(
        self,
        request: ThreadsSyncCustomActionReq,
        key: IdempotencyKey | None,
        context: RequestContext,
    ) -> str:
        """The same for a click that does not stream: returns JSON with the widget as it is now.

        Without a stream there are no notices, so the widget shows them.
        """

        async def carry_out() -> str:
            performed = await self._perform(request, context, tell_in_widget=True)
            return to_json(SyncCustomActionResponse(updated_item=performed.item))

        return await self._once(carry_out, key, context)

    async def _once(
        self,
        carry_out: Callable[[], Awaitable[str]],
        key: IdempotencyKey | None,
        context: RequestContext,
    ) -> str:
        if key is None:
            return await carry_out()
        async with self.database.transaction() as connection:
            before = await begin_click(connection, context.user, key)
        if before is not None:
            return before
        response = await carry_out()
        async with self.database.transaction() as connection:
            await end_click(connection, context.user, key, response)
        return response

    async def _perform(
        self,
        request: ThreadsCustomActionReq | ThreadsSyncCustomActionReq,
        context: RequestContext,
        *,
        tell_in_widget: bool,
    ) -> Performed:
        params = request.params
        return await perform(
            self.database,
            self.limits,
            context,
            params.thread_id,
            params.item_id,
            params.action,
            tell_in_widget=tell_in_widget,
        )


def _events(performed: Performed) -> list[ThreadStreamEvent]:
    events: list[ThreadStreamEvent] = [stream_options()]
    if performed.item:
        events.append(ThreadItemReplacedEvent(item=performed.item))
    if performed.notice:
        events.append(NoticeEvent(level="warning", message=performed.notice))
    if performed.changed:
        events.append(tasks_changed())
    return events
