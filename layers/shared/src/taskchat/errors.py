"""All errors of the system, with messages that are safe to show to a person.

Every failure with a known cause is a `TaskchatError`. Errors of drivers and libraries are
translated at the boundary where they arise. At the outer boundary, errors become an HTTP problem
(`taskchat.web.problems`), a message in the chat, or a tool's result for the model.
"""

from collections.abc import Mapping
from datetime import datetime


class TaskchatError(Exception):
    """Base of all errors. `str(error)` is safe to show to the person.

    `status` is the HTTP status, `code` the last segment of the problem's `type`. `retryable` says
    whether asking for the same answer again can help.
    """

    status = 500
    retryable = True
    code = "internal-error"
    title = "Something went wrong"


class SettingsError(TaskchatError):
    """A setting is missing or wrong. The message is one line that names it."""

    code = "settings"
    title = "The configuration is not valid"


class BadRequestError(TaskchatError):
    """The request is not what the protocol allows."""

    status = 400
    code = "bad-request"
    title = "The request is not valid"


class NotSupportedError(BadRequestError):
    """The protocol allows it, but this server does not offer it."""

    code = "not-supported"
    title = "Not supported"


class UnauthenticatedError(TaskchatError):
    """There is no valid token."""

    status = 401
    code = "unauthenticated"
    title = "Sign in to continue"


class ForbiddenError(TaskchatError):
    """The request is not allowed from where it comes, such as another site's page."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class NotFoundError(TaskchatError):
    """It does not exist, or belongs to someone else: the two look the same."""

    status = 404
    code = "not-found"
    title = "Not found"


class ConflictError(TaskchatError):
    """What the request refers to has changed, so the request no longer applies."""

    status = 409
    code = "conflict"
    title = "Changed since"


class StillAnsweringError(ConflictError):
    """The thread is being answered; the same request may succeed after `retry_after` seconds."""

    code = "still-answering"
    title = "Still answering"
    retry_after = 2


class NotTheLastMessageError(ConflictError):
    """The person has written since: a retry would delete what came after."""

    code = "not-the-last-message"
    title = "Not the last message"


class PayloadTooLargeError(TaskchatError):
    """The body is over the limit."""

    status = 413
    code = "payload-too-large"
    title = "The request is too large"


class InvalidFieldsError(TaskchatError):
    """Some values are not valid. `fields` maps each such field to what is wrong with it."""

    status = 422
    code = "invalid-fields"
    title = "Some values are not valid"

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in fields.items()))
        self.fields = dict(fields)


class IdempotencyKeyReusedError(TaskchatError):
    """The idempotency key was already used with another body."""

    status = 422
    code = "idempotency-key-reused"
    title = "The idempotency key was used for another request"


class LimitError(TaskchatError):
    """A limit of the current time window is reached.

    The window ends at `resets_at` (UTC), in `retry_after` seconds.
    """

    status = 429

    def __init__(self, message: str, *, resets_at: datetime, retry_after: int) -> None:
        super().__init__(message)
        self.resets_at = resets_at
        self.retry_after = retry_after


class MessageLimitError(LimitError):
    """The person has sent as many messages as allowed."""

    code = "message-limit"
    title = "Message limit reached"


class TooManyChangesError(LimitError):
    """The person has made as many changes as allowed in this minute."""

    code = "too-many-changes"
    title = "Too many changes"


class OutOfTokensError(LimitError):
    """The person, or everyone together, has used up the model's tokens for the day."""

    code = "out-of-tokens"
    title = "The assistant's budget for today is used up"


class TooManyErasuresError(LimitError):
    """The account was erased so often that erasing it again would bypass the limits."""

    code = "too-many-erasures"
    title = "Erased too often"


class TooManyAtOnceError(TaskchatError):
    """The person has as many running answers, or followers, as allowed at once."""

    status = 429
    code = "too-many-at-once"
    title = "Too many at once"
    retry_after = 5


class TooManyTasksError(ConflictError):
    """The person has as many tasks as allowed."""

    code = "too-many-tasks"
    title = "Too many tasks"


class TooManyUploadsError(TaskchatError):
    """The person has uploaded as many files as they may have without sending them."""

    status = 429
    code = "too-many-uploads"
    title = "Too many unsent files"
    retry_after = 60


class StorageFullError(ConflictError):
    """The person's files take as many bytes as allowed."""

    code = "storage-full"
    title = "No room for more files"


class DatabaseError(TaskchatError):
    """The database refused or failed a statement."""

    code = "database-error"
    title = "The data could not be read or saved"


class DatabaseUnavailableError(DatabaseError):
    """The database cannot be reached now; try again after `retry_after` seconds."""

    status = 503
    code = "database-unavailable"
    title = "The service is temporarily unavailable"
    retry_after = 5


class UnsupportedServerError(DatabaseError):
    """The database server is too old. The message is one line with its version and the oldest."""

    code = "unsupported-database"
    retryable = False


class TooLittleTimeError(TaskchatError):
    """The platform's deadline is too close for an answer. A new request has more time."""

    status = 503
    code = "too-little-time"
    title = "The service is temporarily unavailable"
    retry_after = 1


class ModelError(TaskchatError):
    """The language model failed."""

    status = 502
    code = "model-error"
    title = "The assistant could not answer"

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable
