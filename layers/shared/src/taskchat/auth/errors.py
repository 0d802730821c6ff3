"""What can go wrong with verification, apart from the token itself."""

from taskchat.errors import TaskchatError


class AuthUnavailableError(TaskchatError):
    """No key of the provider is known, and it cannot be asked; `retry_after` is in seconds."""

    status = 503
    code = "auth-unavailable"
    title = "Sign-in cannot be checked for a moment"
    retry_after = 5
