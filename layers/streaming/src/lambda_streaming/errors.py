"""The errors of the runtime, and how an error is reported to Lambda."""

import base64
import json
import traceback
from dataclasses import dataclass

# The Runtime API is a Go HTTP server, which reads trailers through a buffer of 4,096 bytes. What
# does not fit ("suspiciously long trailer") panics AWS's emulator and loses the whole response. The
# rest is for the trailers' names and the error's type.
_TRAILER_BODY_LIMIT = 3_600
_TRAILER_MESSAGE_LIMIT = 1_000


class ReportedError(Exception):
    """An error with a name of its own in Lambda's error reports."""

    error_type = "Runtime.Unknown"


class HandlerError(ReportedError):
    """``_HANDLER`` does not lead to an ASGI application."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


class StartupError(ReportedError):
    """The application answered ``lifespan.startup.failed``."""

    error_type = "Runtime.StartupFailed"


class UnsupportedEventError(ReportedError):
    """The event is not an HTTP request that can be answered by a stream."""

    error_type = "Runtime.UnsupportedEvent"


class UnexpectedMessageError(ReportedError, RuntimeError):
    """The application sent an ASGI message that is not allowed in this state."""

    error_type = "Runtime.UnexpectedMessage"


class InvalidResponseError(ReportedError, ValueError):
    """The response's status or headers cannot be sent through Lambda."""

    error_type = "Runtime.InvalidResponse"


class NoResponseError(ReportedError):
    """The application returned before the first byte of a response."""

    error_type = "Runtime.NoResponse"


class IncompleteResponseError(ReportedError):
    """The application returned in the middle of its response."""

    error_type = "Runtime.IncompleteResponse"


class DeadlineExceededError(ReportedError):
    """The application was still at work shortly before Lambda would have ended it."""

    error_type = "Runtime.DeadlineExceeded"


class ResponseRefusedError(OSError):
    """Nobody takes the rest of the response: what ASGI 2.4 wants ``send`` to raise."""


class RuntimeApiError(Exception):
    """The Runtime API is away or failed; the environment cannot go on."""


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """An error as the Runtime API takes it."""

    name: str
    """``Function.Name`` for the application's errors, ``Runtime.Name`` for the runtime's."""
    error_type: str
    message: str
    stack_trace: tuple[str, ...]

    @classmethod
    def of(cls, error: BaseException, name: str | None = None) -> "ErrorReport":
        """Under its own name, or the one that its circumstances give it."""
        if isinstance(error, ReportedError):
            error_type = error.error_type
            name = name or error_type
        else:
            error_type = type(error).__name__
            name = name or "Function." + error_type.encode("ascii", "ignore").decode()
        stack_trace = tuple(traceback.format_tb(error.__traceback__))
        return cls(name, error_type, str(error), stack_trace)

    def as_json(self) -> bytes:
        return _as_json(self.error_type, self.message, self.stack_trace)

    def as_trailer(self) -> bytes:
        """Base64 of the JSON, the innermost frames only, so that it fits into a trailer."""
        message = self.message[:_TRAILER_MESSAGE_LIMIT]
        # A character may take twelve bytes as JSON, and a frame of the trace as much as it likes.
        body = base64.b64encode(_as_json(self.error_type, message, ()))
        if len(body) > _TRAILER_BODY_LIMIT:
            message = message[: _TRAILER_MESSAGE_LIMIT // 12]
            body = base64.b64encode(_as_json(self.error_type, message, ()))
        for kept in range(1, len(self.stack_trace) + 1):
            longer = base64.b64encode(
                _as_json(self.error_type, message, self.stack_trace[-kept:]),
            )
            if len(longer) > _TRAILER_BODY_LIMIT:
                break
            body = longer
        return body


def _as_json(error_type: str, message: str, stack_trace: tuple[str, ...]) -> bytes:
    report = {"errorType": error_type, "errorMessage": message, "stackTrace": stack_trace}
    return json.dumps(report).encode()
