"""Secrets that AWS Secrets Manager keeps."""

from taskchat.errors import SettingsError


def read_secret(arn: str) -> str:
    """The secret's text; kept for five minutes. Raises `SettingsError` of one line."""
    # These take a third of a second to import, and most set-ups keep no secret there.
    from aws_lambda_powertools.utilities import parameters
    from botocore.exceptions import BotoCoreError

    try:
        secret = parameters.get_secret(arn)
    except (parameters.GetParameterError, BotoCoreError) as error:
        reason = str(error).splitlines()[0]
        raise SettingsError(f"the secret {arn} could not be read: {reason}") from None
    if not isinstance(secret, str):
        raise SettingsError(f"the secret {arn} is not text")
    return secret
