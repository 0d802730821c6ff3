"""What is wrong with attachments."""

from collections.abc import Sequence

from taskchat.errors import ConflictError, TaskchatError


class AttachmentRefusedError(TaskchatError):
    """A file is not there, or not what it was said to be; the message was not sent."""

    status = 422
    code = "attachment-refused"
    title = "The file cannot be used"

    def __init__(self, message: str, attachment_ids: Sequence[str]) -> None:
        super().__init__(message)
        self.attachment_ids = list(attachment_ids)
        """What the server no longer has."""


class AttachmentSentError(ConflictError):
    """The attachment belongs to a message already."""

    code = "attachment-sent"
    title = "The file was sent before"
