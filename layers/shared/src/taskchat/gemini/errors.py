"""Translates the model's failures into messages for the person. The details go to the log."""

import logging
from http import HTTPStatus

import agents
import httpx2
import openai

from taskchat.errors import ModelError

logger = logging.getLogger(__name__)

BUSY = "The assistant is busy. Please try again in a moment."
NOT_SET_UP = "The assistant is not set up correctly. Whoever runs this service has to look at it."
NOT_AVAILABLE = "The assistant is not available at the moment. Please try again."
NOT_REACHED = "The assistant could not be reached. Please try again in a moment."
BROKE_OFF = "The answer broke off. Please try again."
TOO_SLOW = "The assistant took too long to answer. Please try again."
TOO_LONG = "This conversation has become too long for the assistant. Please start a new one."
NOT_ACCEPTED = "The assistant could not process this request."
NOT_UNDERSTOOD = "The assistant's answer made no sense. Please try again."
TOO_MANY_STEPS = "The assistant needed too many steps. Please ask for less at once."
REFUSED = "The assistant may not answer this. Please put it differently."

_UNAUTHORISED = frozenset({401, 402, 403, 404})
_SET_UP_PROBLEMS = ("api key", "api_key", "user location is not supported", "billing")
_LENGTH_PROBLEMS = ("token count", "context length", "maximum context", "too many tokens")

# By type. The order matters: a timeout is also a connection error.
_PLAIN_CASES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((openai.APITimeoutError, httpx2.TimeoutException, agents.ModelTimeoutError), TOO_SLOW),
    ((openai.APIResponseValidationError, agents.ModelBehaviorError), NOT_UNDERSTOOD),
    ((agents.MaxTurnsExceeded,), TOO_MANY_STEPS),
)


def translate_model_error(error: BaseException) -> ModelError | None:
    """Our error for a failure of the model, which is also logged. None for any other error."""
    if isinstance(error, ModelError):
        return error
    translated = _translate(error)
    if translated is not None:
        level = logging.WARNING if translated.retryable else logging.ERROR
        logger.log(level, "The model failed: %s: %s", type(error).__name__, _detail(error))
    return translated


def _translate(error: BaseException) -> ModelError | None:
    for types, message in _PLAIN_CASES:
        if isinstance(error, types):
            return ModelError(message)
    match error:
        case openai.APIConnectionError() | httpx2.RequestError():
            return ModelError(BROKE_OFF if _broke_off(error) else NOT_REACHED)
        case openai.APIStatusError():
            return _by_status(error.status_code, _detail(error).lower())
        case openai.APIError():
            return _by_status(_status_in(error.body), _detail(error).lower())
        case agents.ModelRefusalError():
            return ModelError(REFUSED, retryable=False)
    return None


def _by_status(status: int, detail: str) -> ModelError:
    message, retryable = NOT_ACCEPTED, False
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        message, retryable = BUSY, True
    elif status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT}:
        message, retryable = TOO_SLOW, True
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        message, retryable = NOT_AVAILABLE, True
    elif status == HTTPStatus.CONTENT_TOO_LARGE or _mentions(detail, _LENGTH_PROBLEMS):
        message = TOO_LONG
    # Gemini responds with 400 to an invalid key, and to requests from an unsupported location.
    elif status in _UNAUTHORISED or _mentions(detail, _SET_UP_PROBLEMS):
        message = NOT_SET_UP
    return ModelError(message, retryable=retryable)


def _mentions(detail: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in detail for phrase in phrases)


def _broke_off(error: BaseException) -> bool:
    """Whether the connection was established before it failed."""
    cause = error.__cause__ if isinstance(error, openai.APIConnectionError) else error
    return isinstance(cause, httpx2.RemoteProtocolError | httpx2.ReadError)


def _status_in(body: object) -> int:
    """The status code of an error inside a stream, or 500 if it has none."""
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, int) else HTTPStatus.INTERNAL_SERVER_ERROR


def _detail(error: BaseException) -> str:
    cause = f" ({error.__cause__!r})" if error.__cause__ is not None else ""
    return f"{error}{cause}"
