"""What is wrong with attachments."""

from taskchat.errors import ConflictError, TaskchatError


class AttachmentRefusedError(TaskchatError):
    """A file is not there, or not what it was said to be; the message was not sent."""

    status = 422
    code = "attachment-refused"
    title = "The file cannot be used"


class AttachmentSentError(ConflictError):
    """The attachment belongs to a message already."""

    code = "attachment-sent"
    title = "The file was sent before"
