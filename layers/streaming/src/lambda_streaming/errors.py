"""The errors of the runtime, and how an error is reported to Lambda."""

import base64
import json
import traceback
from dataclasses import dataclass

# The Runtime API is a Go HTTP server, which reads trailers through a buffer of 4,096 bytes. Longer
# trailers ("suspiciously long trailer") make AWS's emulator panic, and the whole response is lost.
# The difference to 4,096 is for the trailers' names and the error's type.
_TRAILER_BODY_LIMIT = 3_600
_TRAILER_MESSAGE_LIMIT = 1_000


class ReportedError(Exception):
    """An error with its own error type in Lambda's reports."""

    error_type = "Runtime.Unknown"


class HandlerError(ReportedError):
    """``_HANDLER`` does not name an ASGI application."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


class StartupError(ReportedError):
    """The application answered ``lifespan.startup.failed``."""

    error_type = "Runtime.StartupFailed"


class UnsupportedEventError(ReportedError):
    """The event is not an HTTP request whose response can be streamed."""

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
    """The application had not ended its response shortly before Lambda's deadline."""

    error_type = "Runtime.DeadlineExceeded"


class ResponseRefusedError(OSError):
    """The rest of the response cannot be delivered. ASGI 2.4: ``send`` raises an ``OSError``."""


class RuntimeApiError(Exception):
    """The Runtime API failed or cannot be reached; the environment has to end."""


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """An error in the Runtime API's format."""

    name: str
    """``Function.Name`` for the application's errors, ``Runtime.Name`` for the runtime's."""
    error_type: str
    message: str
    stack_trace: tuple[str, ...]

    @classmethod
    def of(cls, error: BaseException, name: str | None = None) -> "ErrorReport":
        """Report an error under ``name``, or else under its own type's name."""
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
        """Return the JSON in Base64, with only as many of the innermost frames as fit a trailer."""
        message = self.message[:_TRAILER_MESSAGE_LIMIT]
        # A character may take twelve bytes as JSON, and a frame of the trace has no maximum length.
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
