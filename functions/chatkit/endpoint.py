"""`POST /api/chatkit`: from the HTTP request to the SDK and back.

Whatever can be refused is refused before the response starts, with a problem and its status; from
then on errors are events of the stream.
"""

import asyncio
import math
from dataclasses import dataclass, replace

from chatkit.server import NonStreamingResult, StreamingResult
from chatkit.types import (
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsRetryAfterItemReq,
    ThreadsSyncCustomActionReq,
    WidgetItem,
)
from starlette.requests import Request
from starlette.responses import Response

from functions.chatkit.actions import perform
from functions.chatkit.answers import Answers, Incoming, event_json
from functions.chatkit.context import ChatContext
from functions.chatkit.requests import parse_request
from functions.chatkit.server import TaskChatServer
from functions.chatkit.sse import event_body, event_stream
from taskchat.database import Database
from taskchat.errors import BadRequestError
from taskchat.web import Authenticator, read_timezone

FOLLOW = "run.follow"
MAX_KEY_CHARACTERS = 255

PLATFORM_MARGIN_SECONDS = 3.0
"""How long before the platform cuts an answer it is ended in good order."""


@dataclass(frozen=True, kw_only=True)
class ChatEndpoint:
    """The endpoint with what it stands on."""

    database: Database
    server: TaskChatServer
    answers: Answers
    authenticator: Authenticator
    run_timeout_seconds: float

    async def __call__(self, request: Request) -> Response:
        """Answer one request of the protocol."""
        user = await self.authenticator.authenticate(request)
        context = ChatContext(user=user, timezone=read_timezone(request))
        body = await request.body()
        chat_request = parse_request(body)
        match chat_request:
            case ThreadsCreateReq() | ThreadsAddUserMessageReq() | ThreadsRetryAfterItemReq():
                incoming = Incoming(
                    body=body,
                    idempotency_key=_read_key(request),
                    time_left=min(self.run_timeout_seconds, _time_left(request)),
                )
                events, run = await self.answers.start(chat_request, incoming, context)
                if run:
                    _keep_alive(request, run.task)
                return event_stream(events)
            case ThreadsCustomActionReq() if chat_request.params.action.type == FOLLOW:
                thread_id = chat_request.params.thread_id
                return event_stream(await self.answers.follow_thread(thread_id, context))
            case ThreadsCustomActionReq() | ThreadsSyncCustomActionReq():
                return await asyncio.shield(self._act(chat_request, body, context))
            case _:
                return await self._process(body, context)

    async def _act(
        self,
        request: ThreadsCustomActionReq | ThreadsSyncCustomActionReq,
        body: bytes,
        context: ChatContext,
    ) -> Response:
        """Do what was clicked, whole, even if the client does not wait for it."""
        params = request.params
        thread = await self.server.store.load_thread(params.thread_id, context)
        sender = await self._load_widget(thread.id, params.item_id, context)
        done = await perform(self.database, thread, params.action, sender, context)
        return await self._process(body, replace(context, done=done))

    async def _load_widget(
        self, thread_id: str, item_id: str | None, context: ChatContext
    ) -> WidgetItem | None:
        if item_id is None:
            return None
        item = await self.server.store.load_item(thread_id, item_id, context)
        if not isinstance(item, WidgetItem):
            raise BadRequestError("An action comes from a widget.")
        return item

    async def _process(self, body: bytes, context: ChatContext) -> Response:
        result = await self.server.process(body, context)
        if isinstance(result, NonStreamingResult):
            return Response(result.json, media_type="application/json")
        assert isinstance(result, StreamingResult)
        # What was clicked is done, and its events are ready: there is nothing to wait for.
        return event_body([event_json(event) async for event in result])


def _read_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= MAX_KEY_CHARACTERS and key.isprintable()):
        raise BadRequestError(
            f"Idempotency-Key must have 1 to {MAX_KEY_CHARACTERS} printable characters."
        )
    return key


def _time_left(request: Request) -> float:
    """Seconds until the platform ends this invocation, less a margin; no limit elsewhere."""
    lambda_context = request.scope.get("aws.context")
    if lambda_context is None:
        return math.inf
    left: int = lambda_context.get_remaining_time_in_millis()
    return max(left / 1000 - PLATFORM_MARGIN_SECONDS, 0)


def _keep_alive(request: Request, run: asyncio.Task[None]) -> None:
    """Have the platform wait for the run: on Lambda the process freezes between invocations."""
    if wait_until := request.scope.get("aws.wait_until"):
        wait_until(run)
