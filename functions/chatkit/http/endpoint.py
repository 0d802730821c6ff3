"""`POST /api/chatkit`: from the HTTP request to the ChatKit protocol and back.

What can be refused is refused before the response starts, with a problem and its status. After
that, errors are events of the stream.
"""

import asyncio
import hashlib
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass

from chatkit.types import (
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsGetByIdReq,
    ThreadsRetryAfterItemReq,
    ThreadsSyncCustomActionReq,
)
from starlette.requests import Request
from starlette.responses import Response

from functions.chatkit.actions import ActionName, Clicks
from functions.chatkit.answer.answers import Answers
from functions.chatkit.http.requests import parse_request
from functions.chatkit.http.sse import event_body, event_stream
from functions.chatkit.http.threads import NOTHING, ThreadRequest, ThreadRequests
from functions.chatkit.serialization import to_json
from taskchat.attachments.previews import has_previews, with_previews
from taskchat.attachments.service import Attachments
from taskchat.attachments.storage import FileStorage
from taskchat.context import RequestContext
from taskchat.errors import BadRequestError, NotSupportedError, TooLittleTimeError
from taskchat.runs.models import IdempotencyKey
from taskchat.web import Authenticator, read_timezone

FOLLOW = ActionName.FOLLOW_RUN
MAX_KEY_CHARACTERS = 255

PLATFORM_MARGIN_SECONDS = 4.0
"""Seconds before the platform deadline at which we end the answer."""

LEAST_SECONDS = 2.0
"""With fewer seconds left, no answer is started."""


@dataclass(frozen=True, kw_only=True)
class ChatEndpoint:
    """The endpoint and its services.

    Without `attachments`, none can be created or sent; files sent earlier are still shown from
    `files`.
    """

    answers: Answers
    clicks: Clicks
    threads: ThreadRequests
    attachments: Attachments | None
    files: FileStorage | None
    authenticator: Authenticator
    run_timeout_seconds: float

    async def __call__(self, request: Request) -> Response:
        """Answer one request of the protocol."""
        user = await self.authenticator.authenticate(request)
        context = RequestContext(user=user, timezone=read_timezone(request))
        body = await request.body()
        chat_request = parse_request(body)
        match chat_request:
            case (
                ThreadsCreateReq()
                | ThreadsAddUserMessageReq()
                | ThreadsAddStructuredInputReq()
                | ThreadsRetryAfterItemReq()
            ):
                events, run = await self.answers.start(
                    chat_request,
                    context,
                    key=_read_key(request, body),
                    deadline=self._deadline(request),
                )
                if run:
                    _keep_alive(request, run.task)
                return event_stream(self._shown_events(events, request, context))
            case ThreadsCustomActionReq(params=params) if params.action.type == FOLLOW:
                events = await self.answers.follow(params.thread_id, context)
                return event_stream(self._shown_events(events, request, context))
            case ThreadsCustomActionReq():
                click = self.clicks.stream(chat_request, _read_key(request, body), context)
                # Carried out completely, even if the client disconnects.
                return event_body(await asyncio.shield(click))
            case ThreadsSyncCustomActionReq():
                answer = self.clicks.answer(chat_request, _read_key(request, body), context)
                return _json(await asyncio.shield(answer))
            case _:
                text = await self._answer(chat_request, request, context)
                return _json(await self._shown(text, request, context))

    async def _answer(
        self,
        chat_request: ThreadRequest | AttachmentsCreateReq | AttachmentsDeleteReq,
        request: Request,
        context: RequestContext,
    ) -> str:
        """The response to a request that does not stream, as JSON."""
        match chat_request:
            case AttachmentsCreateReq(params=params):
                attachments = _require_support(self.attachments)
                return to_json(await attachments.create(params, context, _host(request)))
            case AttachmentsDeleteReq(params=params):
                await _require_support(self.attachments).delete(params.attachment_id, context)
                return NOTHING
            case ThreadsGetByIdReq(params=params):
                await self.answers.end_lost(params.thread_id, context)
                return await self.threads.answer(chat_request, context)
            case _:
                return await self.threads.answer(chat_request, context)

    async def _shown(self, text: str, request: Request, context: RequestContext) -> str:
        """The text with URLs at which the person can see its pictures now."""
        if self.files is None or not has_previews(text):
            return text
        return await with_previews(text, self.files, context.user.id, _host(request))

    async def _shown_events(
        self, events: AsyncIterator[str], request: Request, context: RequestContext
    ) -> AsyncIterator[str]:
        async for event in events:
            yield await self._shown(event, request, context) if has_previews(event) else event

    def _deadline(self, request: Request) -> float:
        """When an answer must end, by the event loop's clock. Raises `TooLittleTimeError`."""
        left = _platform_seconds(request)
        if left < LEAST_SECONDS:
            raise TooLittleTimeError("There is no time left for an answer. Please try again.")
        return asyncio.get_running_loop().time() + min(self.run_timeout_seconds, left)


def _require_support(attachments: Attachments | None) -> Attachments:
    if attachments is None:
        raise NotSupportedError("Attachments are not supported.")
    return attachments


def _host(request: Request) -> str:
    return request.headers.get("host", "")


def _json(body: str) -> Response:
    return Response(body, media_type="application/json")


def _read_key(request: Request, body: bytes) -> IdempotencyKey | None:
    value = request.headers.get("idempotency-key")
    if value is None:
        return None
    if not (0 < len(value) <= MAX_KEY_CHARACTERS and value.isprintable()):
        raise BadRequestError(
            f"Idempotency-Key must have 1 to {MAX_KEY_CHARACTERS} printable characters."
        )
    return IdempotencyKey(value=value, request_hash=hashlib.sha256(body).digest())


def _platform_seconds(request: Request) -> float:
    """Seconds until an answer must end on this platform; infinite outside Lambda."""
    lambda_context = request.scope.get("aws.context")
    if lambda_context is None:
        return math.inf
    left: int = lambda_context.get_remaining_time_in_millis()
    return left / 1000 - PLATFORM_MARGIN_SECONDS


def _keep_alive(request: Request, run: asyncio.Task[None]) -> None:
    """Make the platform wait for the run: on Lambda, the process freezes between invocations."""
    if wait_until := request.scope.get("aws.wait_until"):
        wait_until(run)
