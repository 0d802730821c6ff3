"""The errors of attachments."""

from collections.abc import Sequence

from taskchat.errors import ConflictError, TaskchatError


class AttachmentRefusedError(TaskchatError):
    """A file is missing, or not of its declared type or size. The message was not sent."""

    status = 422
    code = "attachment-refused"
    title = "The file cannot be used"

    def __init__(self, message: str, attachment_ids: Sequence[str]) -> None:
        super().__init__(message)
        self.attachment_ids = list(attachment_ids)
        """Ids of the refused attachments, which the server no longer has."""


class AttachmentSentError(ConflictError):
    """The attachment already belongs to a message."""

    code = "attachment-sent"
    title = "The file was sent before"
