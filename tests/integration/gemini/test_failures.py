"""What is tried again, what is not, and what the person is told."""

import time

import openai
import pytest

from taskchat.gemini import errors, translate_model_error
from tests.integration.gemini.session import Session
from tests.support.model_server import Reply, answer, events, problem, raw, refuse, text

SOON = {"retry-after": "0.01"}
OVERLOADED = [{"error": {"code": 503, "message": "The model is overloaded."}}]


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(problem(429, headers=SOON), id="429"),
        pytest.param(problem(500, headers=SOON), id="500"),
        pytest.param(problem(503, headers=SOON), id="503"),
        pytest.param(events(*OVERLOADED), id="503 as the first event of a stream"),
        pytest.param(refuse(), id="closed before an answer"),
        pytest.param(raw(ending="break"), id="closed before the first event"),
        pytest.param(raw(b": hi\n\n"), id="ended before the first event"),
        pytest.param(answer({"page": "welcome"}), id="no stream at all"),
    ],
)
async def test_it_is_tried_again_before_the_first_token(session: Session, failure: Reply) -> None:
    session.server.script([failure, text("Hi", " there.")])

    assert (await session.run()).final_output == "Hi there."
    assert len(session.server.requests) == 2


async def test_the_pauses_between_tries_grow(session: Session) -> None:
    session.server.script([problem(500), problem(500), text("Hi.")])

    await session.run()

    first, second, third = [request.received_at for request in session.server.requests]
    assert 0.3 < second - first < third - second


async def test_it_gives_up_after_three_more_tries(session: Session) -> None:
    session.server.script(lambda _: problem(503, "overloaded", headers=SOON))

    with pytest.raises(openai.InternalServerError) as raised:
        await session.run()

    assert len(session.server.requests) == 4
    assert str(translate_model_error(raised.value)) == errors.NOT_AVAILABLE


async def test_a_refused_connection_is_tried_again_and_then_explained(session: Session) -> None:
    await session.server.stop()
    started = time.monotonic()

    with pytest.raises(openai.APIConnectionError) as raised:
        await session.run()

    assert time.monotonic() - started > 1.0
    translated = translate_model_error(raised.value)
    assert translated is not None
    assert (str(translated), translated.retryable) == (errors.NOT_REACHED, True)


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(problem(429, headers={"retry-after": "3600"}), id="Retry-After"),
        pytest.param(
            problem(429, headers={"retry-after": "Fri, 01 Jan 2100 00:00:00 GMT"}), id="a date"
        ),
        pytest.param(
            answer(
                [{"error": {"code": 429, "message": "x", "details": [{"retryDelay": "47.5s"}]}}],
                status=429,
            ),
            id="RetryInfo",
        ),
    ],
)
async def test_a_long_pause_is_not_waited_for(session: Session, failure: Reply) -> None:
    session.server.script([failure, text("Never")])

    with pytest.raises(openai.RateLimitError) as raised:
        await session.run()

    assert len(session.server.requests) == 1
    assert str(translate_model_error(raised.value)) == errors.BUSY


async def test_a_silent_server_is_given_up_once(session: Session) -> None:
    session.server.script([Reply((3600.0,)), text("Never")])
    session.client.timeout = 0.2

    with pytest.raises(openai.APITimeoutError) as raised:
        await session.run()

    assert len(session.server.requests) == 1
    assert str(translate_model_error(raised.value)) == errors.TOO_SLOW


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (problem(401), errors.NOT_SET_UP),
        (problem(403), errors.NOT_SET_UP),
        (problem(404, "models/gemini-9 is not found"), errors.NOT_SET_UP),
        (problem(400, "API key not valid. Please pass a valid API key."), errors.NOT_SET_UP),
        (problem(400, "User location is not supported for the API use."), errors.NOT_SET_UP),
        (problem(400, "The input token count exceeds the maximum."), errors.TOO_LONG),
        (problem(413), errors.TOO_LONG),
        (problem(400, "Function call is missing a thought_signature."), errors.NOT_ACCEPTED),
    ],
)
async def test_what_another_try_cannot_mend_is_not_tried_again(
    session: Session, failure: Reply, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    session.server.script([failure, text("Never")])

    with pytest.raises(openai.APIStatusError) as raised:
        await session.run()

    translated = translate_model_error(raised.value)
    assert translated is not None
    assert (str(translated), translated.retryable) == (message, False)
    assert len(session.server.requests) == 1
    assert [record.levelname for record in caplog.records if "failed" in record.message] == [
        "ERROR"
    ]
    assert "test-key" not in caplog.text


async def test_the_words_of_an_error_in_a_list_are_kept(session: Session) -> None:
    session.server.script([problem(400, "Name cannot be empty.")])

    with pytest.raises(openai.BadRequestError) as raised:
        await session.run()

    assert isinstance(raised.value.body, dict)
    assert raised.value.body["message"] == "Name cannot be empty."
