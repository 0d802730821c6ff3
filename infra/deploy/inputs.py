"""Asks the operator for missing input: the model's key, the first user's e-mail address."""

import getpass
import os
import re
import sys
from typing import Any

from infra.deploy.errors import DeployError

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def ask(question: str, variable: str, *, secret: bool = False) -> str:
    """Return the variable's value, or ask. Raises `DeployError` if nobody can answer."""
    if given := os.environ.get(variable, "").strip():
        return given
    if not sys.stdin.isatty():
        raise DeployError(f"{question}: nobody is here to answer.", f"Set {variable}.")
    answer = getpass.getpass(f"  {question}: ") if secret else input(f"  {question}: ")
    if not answer.strip():
        raise DeployError(f"{question}: no answer was given.", f"Give it, or set {variable}.")
    return answer.strip()


def confirm(question: str, expected: str) -> None:
    """Ask the person to type `expected`, unless `YES=1`. Raises `DeployError` otherwise."""
    if os.environ.get("YES") == "1":
        return
    if not sys.stdin.isatty():
        raise DeployError(f"{question} Nobody is here to confirm it.", "Set YES=1.")
    if input(f"  {question} Type {expected} to confirm: ").strip() != expected:
        raise DeployError("Not confirmed: nothing was done.")


class ModelKey:
    """The model's API key in Secrets Manager. The secret's name begins with the stack's."""

    def __init__(self, secretsmanager: Any, stack: str, tags: dict[str, str]) -> None:
        self._client = secretsmanager
        self._name = f"{stack}/gemini-api-key"
        self._tags = [{"Key": key, "Value": value} for key, value in tags.items()]

    def ensure(self) -> str:
        """Create the secret, or update it from `GEMINI_API_KEY` if set; returns its ARN."""
        found = self._find()
        if found and not os.environ.get("GEMINI_API_KEY"):
            return found
        key = ask("Gemini's API key (aistudio.google.com/apikey)", "GEMINI_API_KEY", secret=True)
        if found:
            current = self._client.get_secret_value(SecretId=found)["SecretString"]
            if current != key:
                self._client.put_secret_value(SecretId=found, SecretString=key)
            return found
        arn: str = self._client.create_secret(
            Name=self._name,
            Description="The key with which Taskchat calls the model.",
            SecretString=key,
            Tags=self._tags,
        )["ARN"]
        return arn

    def version(self) -> str:
        """Return the id of the secret's current version, which changes with the key."""
        described = self._client.describe_secret(SecretId=self._name)
        stages: dict[str, list[str]] = described["VersionIdsToStages"]
        return next(version for version, found in stages.items() if "AWSCURRENT" in found)

    def exists(self) -> bool:
        """Tell whether the secret exists."""
        return bool(self._find())

    def delete(self) -> bool:
        """Delete the secret at once, so that its name is free. Tells whether there was one."""
        if not (found := self._find()):
            return False
        self._client.delete_secret(SecretId=found, ForceDeleteWithoutRecovery=True)
        return True

    def _find(self) -> str:
        try:
            described = self._client.describe_secret(SecretId=self._name)
        except self._client.exceptions.ResourceNotFoundException:
            return ""
        if "DeletedDate" in described:
            self._client.restore_secret(SecretId=self._name)
        arn: str = described["ARN"]
        return arn


def ask_first_user(cognito: Any, pool: str) -> str:
    """Return the address of the person to invite, or nothing if the pool already has users."""
    if pool and cognito.list_users(UserPoolId=pool, Limit=1)["Users"]:
        return ""
    email = ask("E-mail address of the first user", "FIRST_USER")
    if not _EMAIL.fullmatch(email):
        raise DeployError(f"{email!r} is not an e-mail address.", "Set FIRST_USER.")
    return email


def invite(cognito: Any, pool: str, email: str) -> None:
    """Create the user. Cognito sends them a password for the first sign-in."""
    cognito.admin_create_user(
        UserPoolId=pool,
        Username=email,
        UserAttributes=[
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
        ],
        DesiredDeliveryMediums=["EMAIL"],
    )
