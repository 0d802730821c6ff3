"""Reads secrets from AWS Secrets Manager."""

from taskchat.errors import SettingsError


def read_secret(arn: str) -> str:
    """The secret's text, cached for five minutes. Raises a one-line `SettingsError`."""
    # Imported here: they take a third of a second, and most deployments keep no secret there.
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
