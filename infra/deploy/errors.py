"""The error that stops a deployment, with a message for the operator."""


class DeployError(Exception):
    """The deployment cannot continue. `message` says why, `advice` what to do about it."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
