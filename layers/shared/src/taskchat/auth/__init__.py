"""Verifies the tokens that requests carry."""

from taskchat.auth.errors import AuthUnavailableError
from taskchat.auth.verifier import Identity, TokenVerifier, create_verifier

__all__ = ["AuthUnavailableError", "Identity", "TokenVerifier", "create_verifier"]
