"""The demo model as an HTTP server with OpenAI's chat completions API."""

import asyncio
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local.demo_model.answers import compose
from local.demo_model.conversation import Message, read_conversation
from local.demo_model.plan import Plan, plan
from local.demo_model.talk import LABEL
from local.demo_model.wire import DONE, Wire, error, lacks_signature

MODEL = "demo-model"
FIRST_TOKEN_SECONDS = 0.15
WORD_SECONDS = 0.025


class _Completion(BaseModel):
    """The fields of a chat completion request that are used. Others are ignored."""

    model: str = MODEL
    messages: list[Message] = Field(min_length=1)
    stream: bool = False


def create_app(
    *, first_token_seconds: float = FIRST_TOKEN_SECONDS, word_seconds: float = WORD_SECONDS
) -> Starlette:
    """The server. It accepts any model name and streams at the given speed."""

    async def completions(request: Request) -> Response:
        try:
            asked = _Completion.model_validate_json(await request.body())
        except ValidationError as problem:
            first = problem.errors(include_url=False)[0]
            return error(HTTPStatus.BAD_REQUEST, f"Invalid request: {first['loc']}: {first['msg']}")
        if lacks_signature(asked.model, asked.messages):
            return error(
                HTTPStatus.BAD_REQUEST, "Function call is missing a thought_signature in its parts."
            )
        next_step, text = _answer(asked.messages)
        wire = Wire(asked.model, asked.messages, int(time.time()))
        if not asked.stream:
            await asyncio.sleep(first_token_seconds)
            return JSONResponse(wire.completion(text, next_step.calls))

        async def stream() -> AsyncIterator[bytes]:
            await asyncio.sleep(first_token_seconds)
            if next_step.calls:
                yield wire.calls_chunk(next_step.calls)
            for chunk in wire.text_chunks(text):
                yield chunk
                await asyncio.sleep(word_seconds)
            yield wire.last_chunk(text)
            yield DONE

        return StreamingResponse(stream(), media_type="text/event-stream")

    return Starlette(
        routes=[
            Route("/healthz", _healthz),
            Route("/v1/models", _models),
            Route("/v1/chat/completions", completions, methods=["POST"]),
        ],
        exception_handlers={HTTPStatus.NOT_FOUND: _not_found},
    )


def _answer(messages: list[Message]) -> tuple[Plan, str]:
    conversation = read_conversation(messages)
    next_step = plan(conversation)
    if next_step.calls:
        return next_step, ""
    label = LABEL if conversation.is_first_answer else ""
    return next_step, label + compose(next_step, conversation)


async def _healthz(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _models(_: Request) -> Response:
    model: dict[str, Any] = {"id": MODEL, "object": "model", "created": 0, "owned_by": "local"}
    return JSONResponse({"object": "list", "data": [model]})


async def _not_found(request: Request, _: Exception) -> Response:
    return error(HTTPStatus.NOT_FOUND, f"There is nothing at {request.url.path}.")
