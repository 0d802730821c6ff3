"""What stops a deployment, in words for the person who started it."""


class DeployError(Exception):
    """The deployment cannot go on. `message` says why, `advice` what to do about it."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
