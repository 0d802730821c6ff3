"""The client's HTTP transport. It corrects Gemini's responses for OpenAI's client.

It passes streams on event by event, so an event never waits for the next one. Text that arrived
together is passed on together.
"""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from email.utils import mktime_tz, parsedate_tz
from http import HTTPStatus
from typing import Any

import httpx2
import openai

from taskchat.clock import utc_now
from taskchat.gemini.chunks import ChunkNormaliser, find_error
from taskchat.gemini.merging import Chunk, merge_arrived
from taskchat.gemini.sse import EventParser, EventTooLargeError, ServerSentEvent

MAX_RETRY_AFTER_SECONDS = 10.0
"""If a server asks for a longer pause, there is no retry, and the person gets an error."""

_RETRYABLE = frozenset({408, 409, 429, 500, 502, 503, 504})
_DONE: Chunk = {}
"""Represents the `[DONE]` event that ends a stream, which is not JSON."""

_RETRY_DELAY = re.compile(rb'"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"')


class GeminiTransport(httpx2.AsyncBaseTransport):
    """Wraps a transport.

    A streamed response is passed on when its first event has arrived. The client sees any failure
    before that as a failed request, which it retries. It sees a later failure as a broken
    connection, which it does not retry. The body of an error is always an object, never a list.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        question = _as_object(await request.aread())
        try:
            response = await self._inner.handle_async_request(request)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                return _failed(response, await _read(response))
            if question.get("stream") is not True:
                return response
            return await _streamed(response, _call_ids(question.get("messages")))
        except httpx2.ReadTimeout as error:
            # The client does not retry its own error: the person has waited long enough.
            raise openai.APITimeoutError(request=request) from error

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Events(httpx2.AsyncByteStream):
    def __init__(
        self, response: httpx2.Response, first: Chunk, rest: AsyncGenerator[Chunk]
    ) -> None:
        self._response = response
        self._first = first
        self._rest = rest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield _encoded(self._first)
        async with aclosing(self._rest) as rest:
            async for chunk in rest:
                yield _encoded(chunk)

    async def aclose(self) -> None:
        await self._response.aclose()


async def _streamed(response: httpx2.Response, used_call_ids: Iterable[str]) -> httpx2.Response:
    chunks = merge_arrived(_normalised(response, ChunkNormaliser(used_call_ids)))
    try:
        first = await anext(chunks)
    except BaseException:
        await response.aclose()
        raise
    error = find_error(first)
    if error is not None and (status := _status_of(error)) is not None:
        await response.aclose()
        return _failed(response, json.dumps(error).encode(), status=status)
    return httpx2.Response(
        response.status_code,
        headers=_without_encoding(response.headers),
        stream=_Events(response, first, chunks),
        extensions=response.extensions,
    )


async def _normalised(
    response: httpx2.Response, normaliser: ChunkNormaliser
) -> AsyncGenerator[Chunk]:
    """The corrected chunks. Raises `httpx2.RemoteProtocolError` if the stream breaks off."""
    done = False
    async with aclosing(_parsed(response)) as events:
        async for event in events:
            if done:
                # Read the body to its end, so that the connection can be reused.
                continue
            if event.data.startswith(b"[DONE]"):
                done = True
                yield _DONE
            else:
                yield _rewritten(event, normaliser)
    if not done and not normaliser.finished:
        raise httpx2.RemoteProtocolError("the stream ended before the answer was complete")


async def _parsed(response: httpx2.Response) -> AsyncGenerator[ServerSentEvent]:
    parser = EventParser()
    try:
        async with aclosing(response.aiter_bytes()) as received:
            async for part in received:
                for event in parser.feed(part):
                    yield event
    except EventTooLargeError as error:
        raise httpx2.RemoteProtocolError("an event of the stream is too large") from error
    for event in parser.finish():
        yield event


def _encoded(chunk: Chunk) -> bytes:
    return b"data: " + (json.dumps(chunk).encode() if chunk is not _DONE else b"[DONE]") + b"\n\n"


def _rewritten(event: ServerSentEvent, normaliser: ChunkNormaliser) -> Chunk:
    try:
        payload = json.loads(event.data)
        if event.name == "error" and find_error(payload) is None:
            payload = {"error": payload or "unknown"}
        return normaliser.normalise(payload)
    except (ValueError, RecursionError) as error:
        raise httpx2.RemoteProtocolError("the stream holds something else than chunks") from error


def _failed(
    response: httpx2.Response, body: bytes, *, status: int | None = None
) -> httpx2.Response:
    """The error response, with an object as its body, and with headers that control the retry."""
    headers = _without_encoding(response.headers)
    if (delay := _retry_delay(response.headers, body)) is not None:
        if delay > MAX_RETRY_AFTER_SECONDS:
            headers["x-should-retry"] = "false"
        else:
            headers["retry-after"] = str(delay)
    try:
        error = find_error(json.loads(body))
    except ValueError:
        error = None
    content = body if error is None else json.dumps(error).encode()
    return httpx2.Response(status or response.status_code, headers=headers, content=content)


def _retry_delay(headers: httpx2.Headers, body: bytes) -> float | None:
    """Seconds until the next try, from the header or from Google's `RetryInfo` in the body."""
    value = headers.get("retry-after")
    if value is None:
        in_body = _RETRY_DELAY.search(body)
        return float(in_body.group(1)) if in_body else None
    try:
        return float(value)
    except ValueError:
        date = parsedate_tz(value)
        return None if date is None else mktime_tz(date) - utc_now().timestamp()


def _status_of(error: dict[str, Any]) -> int | None:
    code = error["error"].get("code") if isinstance(error["error"], dict) else None
    return code if isinstance(code, int) and code in _RETRYABLE else None


def _without_encoding(headers: httpx2.Headers) -> httpx2.Headers:
    """The headers without those that no longer fit the body, which was decoded and changed."""
    changed = httpx2.Headers(headers)
    for name in ("content-encoding", "content-length", "transfer-encoding"):
        changed.pop(name, None)
    return changed


async def _read(response: httpx2.Response) -> bytes:
    async with aclosing(response):
        return await response.aread()


def _as_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _call_ids(messages: object) -> Iterable[str]:
    """The ids of the tool calls that the conversation already has."""
    for message in messages if isinstance(messages, list) else ():
        for call in message.get("tool_calls") or ():
            yield call["id"]
