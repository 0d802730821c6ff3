"""Verifies JSON Web Tokens (RFC 7519), following the best practices of RFC 8725."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import jwt

from taskchat.auth.key_set import KEY_SET_ALGORITHMS, KeySet
from taskchat.errors import UnauthenticatedError
from taskchat.settings import AuthSettings
from taskchat.users import User

logger = logging.getLogger(__name__)

LEEWAY_SECONDS = 60
"""How far the provider's clock and ours may differ."""
MAX_TOKEN_LENGTH = 16 * 1024
MAX_SUBJECT_LENGTH = 255
MAX_EMAIL_LENGTH = 320

_NOT_VALID = "The token is not valid."

_REASONS: Mapping[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "The token has expired.",
    jwt.ImmatureSignatureError: "The token is not valid yet.",
    jwt.InvalidIssuerError: "The token comes from another issuer.",
    jwt.MissingRequiredClaimError: "The token lacks a required claim.",
}


@dataclass(frozen=True)
class Identity:
    """What a valid token says: who the person is, and when it expires (UTC)."""

    user: User
    expires_at: datetime


class TokenVerifier(Protocol):
    """Verifies tokens and reads who they belong to."""

    async def verify(self, token: str) -> Identity:
        """Raises `UnauthenticatedError` if the token is not valid, for whatever reason."""


def create_verifier(settings: AuthSettings) -> TokenVerifier:
    """The verifier that the settings ask for: with a shared secret or the provider's keys."""
    claims = _ClaimRules(issuer=settings.issuer, audience=settings.audience)
    if settings.secret is not None:
        return _SecretVerifier(settings.secret.get_secret_value(), claims)
    if settings.jwks_url is not None:
        _warn_of_strangers(settings)
        return _KeySetVerifier(KeySet(settings.jwks_url), claims)
    raise AssertionError("AuthSettings holds a secret or a JWKS URL")


def _warn_of_strangers(settings: AuthSettings) -> None:
    """Providers sign tokens for many applications, often of many tenants, with one key set."""
    claims = {"JWT_ISSUER": settings.issuer, "JWT_AUDIENCE": settings.audience}
    missing = [name for name, value in claims.items() if not value]
    if missing:
        logger.warning(
            "%s not set: with JWT_JWKS_URL alone, whoever has a token of this provider for any "
            "other application can sign in here. Set both.",
            " and ".join(missing),
        )


@dataclass(frozen=True)
class _ClaimRules:
    """What the claims must say. Issuer and audience are checked only if set."""

    issuer: str | None
    audience: str | None

    def decode(self, token: str, key: str | jwt.PyJWK, algorithm: str) -> Identity:
        """Check signature and claims; raises `UnauthenticatedError`."""
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self.issuer,
                leeway=LEEWAY_SECONDS,
                options={
                    "require": ["exp", "sub"],
                    "verify_aud": False,
                    "verify_iss": self.issuer is not None,
                    "enforce_minimum_key_length": True,
                },
            )
        except jwt.PyJWTError as error:
            raise UnauthenticatedError(_REASONS.get(type(error), _NOT_VALID)) from None
        if self.audience is not None and not _is_for(self.audience, claims):
            raise UnauthenticatedError("The token is meant for another audience.")
        return _identity(claims)


class _SecretVerifier:
    """HS256 with a secret that the issuer shares with us."""

    def __init__(self, secret: str, claims: _ClaimRules) -> None:
        self._secret = secret
        self._claims = claims

    async def verify(self, token: str) -> Identity:
        _read_header(token, allowed=frozenset({"HS256"}))
        return self._claims.decode(token, self._secret, "HS256")


class _KeySetVerifier:
    """RS256 or ES256, depending on the provider's key that the token names."""

    def __init__(self, keys: KeySet, claims: _ClaimRules) -> None:
        self._keys = keys
        self._claims = claims

    async def verify(self, token: str) -> Identity:
        header = _read_header(token, allowed=KEY_SET_ALGORITHMS)
        algorithm: str = header["alg"]
        key = await self._keys.find(header.get("kid"), algorithm)
        if key is None:
            raise UnauthenticatedError("The token is signed with an unknown key.")
        return self._claims.decode(token, key, algorithm)


def _read_header(token: str, *, allowed: frozenset[str]) -> dict[str, Any]:
    """The unverified header; refuses tokens that are not worth verifying."""
    if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
        raise UnauthenticatedError(_NOT_VALID)
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, RecursionError):
        raise UnauthenticatedError(_NOT_VALID) from None
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in allowed:
        raise UnauthenticatedError("The token is not signed with a supported algorithm.")
    return header


def _is_for(audience: str, claims: Mapping[str, Any]) -> bool:
    named = claims.get("aud")
    if named is None:
        # Amazon Cognito's access tokens name the app client in `client_id` and have no `aud`.
        return claims.get("token_use") == "access" and claims.get("client_id") == audience
    return audience in named if isinstance(named, list) else audience == named


def _identity(claims: Mapping[str, Any]) -> Identity:
    subject = claims["sub"]
    if not _is_plain_text(subject, MAX_SUBJECT_LENGTH):
        raise UnauthenticatedError("The token's subject cannot be a person's id.")
    try:
        expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (ValueError, OverflowError, OSError):
        raise UnauthenticatedError(_NOT_VALID) from None
    email = claims.get("email")
    return Identity(
        User(id=subject, email=email if _is_plain_text(email, MAX_EMAIL_LENGTH) else None),
        expires_at,
    )


def _is_plain_text(value: Any, max_length: int) -> bool:
    """Text that is safe in Postgres and in a log line: no NUL, control or surrogate character."""
    return isinstance(value, str) and 0 < len(value) <= max_length and value.isprintable()
