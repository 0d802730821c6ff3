"""Errors of verification that are not the token's fault."""

from taskchat.errors import TaskchatError


class AuthUnavailableError(TaskchatError):
    """No keys are known, and the provider cannot be reached. `retry_after` is in seconds."""

    status = 503
    code = "auth-unavailable"
    title = "Sign-in is temporarily unavailable"
    retry_after = 5
