"""Streams as servers really send them, and what becomes of those that break."""

import asyncio
import json
import time

import openai
import pytest

from taskchat.gemini import translate_model_error
from taskchat.gemini.errors import BROKE_OFF, BUSY, NOT_ACCEPTED, NOT_AVAILABLE
from tests.integration.gemini.session import Session
from tests.support.model_server import DONE, Reply, chunk, event, events, raw, text

HALLO = event(chunk({"content": "Grüße"}))
END = event(chunk({"content": " 👋"}, finish="stop"))
WELL_FORMED = HALLO + END + DONE
BARE = b'data: {"choices": [{"delta": {"content": "Hi."}}]}\n\n'


def cut(body: bytes) -> Reply:
    """A byte at a time, so that every character and line end is torn."""
    return raw(*(body[i : i + 1] for i in range(len(body))))


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        pytest.param(cut(WELL_FORMED), "Grüße 👋", id="torn into single bytes"),
        pytest.param(cut(WELL_FORMED.replace(b"\n", b"\r\n")), "Grüße 👋", id="CRLF"),
        pytest.param(raw(WELL_FORMED.replace(b"\n", b"\r")), "Grüße 👋", id="CR"),
        pytest.param(raw(b": hi\n\n", 0.01, HALLO, b":\n\n", END, DONE), "Grüße 👋", id="comments"),
        pytest.param(raw(b"\xef\xbb\xbf" + WELL_FORMED), "Grüße 👋", id="byte order mark"),
        pytest.param(raw(HALLO + END), "Grüße 👋", id="no [DONE]"),
        pytest.param(raw(HALLO + END.rstrip(b"\n")), "Grüße 👋", id="no blank line at the end"),
        pytest.param(raw(HALLO + DONE), "Grüße", id="no reason for the end"),
        pytest.param(raw(BARE + DONE), "Hi.", id="as little as possible"),
        pytest.param(
            events(chunk(choices=None), chunk({"content": None}), chunk({"content": "Hi."})),
            "Hi.",
            id="nulls",
        ),
        pytest.param(
            events(chunk(choices=[]), chunk({"content": "Hi."}), chunk({"content": ""})),
            "Hi.",
            id="empty chunks",
        ),
    ],
)
async def test_an_answer_is_read(session: Session, reply: Reply, answer: str) -> None:
    session.server.script([reply])

    assert (await session.run()).final_output == answer


async def test_a_chunk_is_handed_on_before_the_next_one_comes(session: Session) -> None:
    session.server.script([text("One", " two", ending="hang")])
    stream = await session.client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": "Hi"}], stream=True
    )
    async with stream:
        words = [(await anext(stream)).choices[0].delta.content for _ in range(2)]

    assert words == ["One", " two"]
    await asyncio.wait_for(session.server.requests[0].client_gone.wait(), timeout=5)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(text("Half", ending="break"), id="connection closed"),
        pytest.param(raw(event(chunk({"content": "Half"}))), id="no end"),
        pytest.param(raw(event(chunk({"content": "Half"})), b'data: {"choi'), id="torn JSON"),
        pytest.param(raw(event(chunk({"content": "Half"})), b"data: nonsense\n\n"), id="no JSON"),
        pytest.param(raw(event(chunk({"content": "Half"})), b"data: 7\n\n"), id="no chunk"),
        pytest.param(
            raw(event(chunk({"content": "Half"})), b"data: " + b"[" * 9000 + b"\n\n"), id="deep"
        ),
        pytest.param(
            raw(event(chunk({"content": "Half"})), b"data: " + b"x" * 5_000_000), id="endless line"
        ),
    ],
)
async def test_an_answer_that_breaks_off_is_an_error_and_not_asked_for_again(
    session: Session, reply: Reply
) -> None:
    session.server.script([reply, text("Never")])

    with pytest.raises(openai.APIConnectionError) as raised:
        await session.run()

    translated = translate_model_error(raised.value)
    assert translated is not None
    assert (str(translated), translated.retryable) == (BROKE_OFF, True)
    assert len(session.server.requests) == 1


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"error": {"code": 503, "message": "overloaded"}}, NOT_AVAILABLE),
        ([{"error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED"}}], BUSY),
        ([{"error": {"code": 400, "message": "bad turn"}}], NOT_ACCEPTED),
        ({"error": "out of order"}, NOT_AVAILABLE),
    ],
)
async def test_an_error_inside_a_stream_is_an_error(
    session: Session, payload: object, message: str
) -> None:
    session.server.script([events(chunk({"content": "Half"}), payload)])

    with pytest.raises(openai.APIError) as raised:
        await session.run()

    assert str(translate_model_error(raised.value)) == message


async def test_an_event_named_error_is_an_error(session: Session) -> None:
    named = b'event: error\ndata: {"message": "gone"}\n\n'
    session.server.script([raw(event(chunk({"content": "Half"})), named, DONE)])

    with pytest.raises(openai.APIError, match="gone"):
        await session.run()


async def test_a_filtered_answer_says_so(session: Session) -> None:
    session.server.script([events(chunk(finish="content_filter: PROHIBITED_CONTENT"))])

    with pytest.raises(Exception, match="content filter") as raised:
        await session.run()

    translated = translate_model_error(raised.value)
    assert translated is not None
    assert not translated.retryable


async def test_a_connection_is_used_again_for_the_next_question(session: Session) -> None:
    seen = set()

    def respond(request: object) -> Reply:
        seen.add(session.server.connections)
        return text("Hi.")

    session.server.script(respond)
    for _ in range(3):
        await session.run()

    assert seen == {1}


async def test_an_answer_that_is_not_streamed_passes_through(session: Session) -> None:
    completion = {
        "id": "c",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": "any",
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "A"}}
        ],
    }
    body = json.dumps(completion).encode()
    session.server.script([Reply((body,), headers={"content-type": "application/json"})])

    answer = await session.client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": "A title, please"}]
    )

    assert answer.choices[0].message.content == "A"
