"""Failures that do not come from a status code, in words."""

import agents
import httpx2
import pytest

from taskchat.errors import ModelError, NotFoundError
from taskchat.gemini import errors, translate_model_error


@pytest.mark.parametrize(
    ("error", "message", "retryable"),
    [
        (agents.MaxTurnsExceeded("Max turns (10) exceeded"), errors.TOO_MANY_STEPS, True),
        (agents.ModelBehaviorError("Tool nonsense not found"), errors.NOT_UNDERSTOOD, True),
        (agents.ModelRefusalError("no"), errors.REFUSED, False),
        (httpx2.ReadTimeout("slow"), errors.TOO_SLOW, True),
        (httpx2.ConnectError("refused"), errors.NOT_REACHED, True),
        (httpx2.RemoteProtocolError("cut"), errors.BROKE_OFF, True),
    ],
)
def test_it_is_put_in_words(error: Exception, message: str, retryable: bool) -> None:
    translated = translate_model_error(error)

    assert translated is not None
    assert (str(translated), translated.retryable) == (message, retryable)


@pytest.mark.parametrize(
    "error",
    [NotFoundError("There is no such task."), KeyError("id"), agents.UserError("bug")],
)
def test_what_the_model_did_not_cause_is_left_alone(error: Exception) -> None:
    assert translate_model_error(error) is None


def test_what_is_translated_already_stays() -> None:
    error = ModelError("Stopped.", retryable=False)

    assert translate_model_error(error) is error
