"""Settings from environment variables, read once at startup.

Each group is read separately, so that a function needs only the variables it uses. Every error is a
one-line `SettingsError` that names the variable.
"""

from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from taskchat.settings_group import SettingsGroup

GEMINI_OPENAI_BASE_URL = "https://generativelanguage.googleapis.com/v1beta/openai/"
MIN_SECRET_BYTES = 32


def _comma_separated(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
    return value


class DatabaseSettings(SettingsGroup):
    """How to reach Postgres: one URL, or a host with IAM or a stored secret."""

    prefix = "DATABASE_"

    url: SecretStr | None = None
    host: str | None = None
    port: int = 5432
    name: str = "taskchat"
    user: str = "taskchat"
    sslrootcert: str | None = None
    auth: Literal["iam", "secret"] | None = None
    secret_arn: str | None = None
    pool_size: int = Field(default=1, ge=1, le=100)
    """Connections per process. On Lambda one is enough: an environment serves one request at a
    time."""

    @field_validator("url")
    @classmethod
    def _parses(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not _is_connection_string(url.get_secret_value()):
            # The parser's message, and later the driver's, would repeat parts of the password.
            raise ValueError(
                "is not a connection string of Postgres; "
                "special characters in its password must be percent-encoded"
            )
        return url

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.url is not None:
            return self
        if self.host is None:
            raise ValueError("DATABASE_URL is not set, and neither is DATABASE_HOST")
        if self.auth is None:
            raise ValueError("DATABASE_AUTH is not set; with DATABASE_HOST it is iam or secret")
        if self.auth == "secret" and self.secret_arn is None:
            raise ValueError("DATABASE_SECRET_ARN is not set, but DATABASE_AUTH=secret needs it")
        if self.sslrootcert is None:
            raise ValueError("DATABASE_SSLROOTCERT is not set, but DATABASE_HOST needs it")
        return self


class MigrationSettings(SettingsGroup):
    """The role that serves requests; None if it is the role that migrates."""

    prefix = "DATABASE_"

    service_user: str | None = Field(default=None, pattern=r"^[a-z_][a-z0-9_]{0,62}$")


def _is_connection_string(text: str) -> bool:
    """Whether libpq can parse it, with no part of a password in another field."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        given = conninfo_to_dict(text)
    except ProgrammingError:
        return False
    ports = str(given.get("port", "")).split(",")
    names = (str(given.get(name, "")) for name in ("host", "dbname"))
    return all(port.isdecimal() or not port for port in ports) and not any(
        "@" in name for name in names
    )


class AuthSettings(SettingsGroup):
    """How tokens are verified: by a shared secret, or by an OpenID Connect provider's keys."""

    prefix = "JWT_"

    secret: SecretStr | None = None
    issuer: str | None = None
    audience: str | None = None
    jwks_url: str | None = None

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and len(secret.get_secret_value().encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"must have at least {MIN_SECRET_BYTES} bytes")
        return secret

    @field_validator("jwks_url")
    @classmethod
    def _is_http(cls, url: str | None) -> str | None:
        if url and urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError("must be an http(s) URL")
        return url

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if self.secret is None and self.jwks_url is None:
            raise ValueError("JWT_SECRET is not set, and neither is JWT_JWKS_URL")
        if self.secret is not None and self.jwks_url is not None:
            raise ValueError("JWT_SECRET and JWT_JWKS_URL are both set; use one")
        return self


def _is_openai(host: str) -> bool:
    return host == "openai.com" or host.endswith(".openai.com")


class ModelSettings(SettingsGroup):
    """Which language model answers. Functions that do not call it need nothing else."""

    prefix = "GEMINI_"

    model: str = "gemini-2.5-flash"
    vision: bool = True
    """Whether the model takes images and documents. If not, the page offers no attachments."""


class GeminiSettings(ModelSettings):
    """The language model: Gemini, or any compatible endpoint but OpenAI's own."""

    api_key: SecretStr | None = None
    api_key_secret_arn: str | None = None
    base_url: str = GEMINI_OPENAI_BASE_URL

    @field_validator("base_url")
    @classmethod
    def _not_openai(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an http(s) URL")
        if _is_openai(parts.hostname.rstrip(".").lower()):
            raise ValueError("must not be a host of OpenAI; this assistant speaks to Gemini")
        return url

    @model_validator(mode="after")
    def _has_key(self) -> Self:
        if self.api_key is None and self.api_key_secret_arn is None:
            raise ValueError("GEMINI_API_KEY is not set, and neither is GEMINI_API_KEY_SECRET_ARN")
        return self


class LimitSettings(SettingsGroup):
    """Limits for one person, and the limit on the model's tokens for everyone together.

    Messages are counted per minute and day, changes (writes by REST and buttons) per minute, the
    model's tokens per day, all in UTC windows. Runs (answers being made) and followers (responses
    that follow a run) are limited in how many there are at once. Uploads are attached files that
    are not sent yet; megabytes (1,000,000 bytes) count all files. A token limit of 0 means no
    limit.
    """

    messages_per_minute: int = Field(default=10, ge=1)
    messages_per_day: int = Field(default=100, ge=1)
    runs_per_person: int = Field(default=3, ge=1)
    followers_per_person: int = Field(default=6, ge=1)
    changes_per_minute: int = Field(default=120, ge=1)
    tasks_per_person: int = Field(default=10_000, ge=1)
    uploads_per_person: int = Field(default=20, ge=1)
    megabytes_per_person: int = Field(default=500, ge=0)
    tokens_per_day: int = Field(default=1_000_000, ge=0)
    tokens_per_day_for_all: int = Field(default=0, ge=0)


class AttachmentSettings(SettingsGroup):
    """Where attached files are stored: in an S3 bucket, on this machine's disk, or nowhere.

    A local server serves the files on disk, at URLs that are signed with the secret.
    """

    prefix = "ATTACHMENTS_"

    bucket: str | None = None
    directory: str | None = None
    secret: SecretStr | None = None

    @model_validator(mode="after")
    def _can_be_signed(self) -> Self:
        if self.directory and not self.secret:
            raise ValueError("ATTACHMENTS_SECRET is not set, but ATTACHMENTS_DIRECTORY needs it")
        if self.directory and self.bucket:
            raise ValueError("ATTACHMENTS_BUCKET and ATTACHMENTS_DIRECTORY are both set; use one")
        return self


class RetentionSettings(SettingsGroup):
    """How many days threads are kept after their last activity; 0 means forever."""

    threads_kept_days: int = Field(default=0, ge=0)


class RunSettings(SettingsGroup):
    """How long an answer and one tool call may take, in seconds."""

    run_timeout_seconds: float = Field(default=120, gt=0)
    tool_timeout_seconds: float = Field(default=15, gt=0)


class WebSettings(SettingsGroup):
    """What the page needs, and which origins may write with the cookie."""

    allowed_origins: Annotated[tuple[str, ...], BeforeValidator(_comma_separated)] = ()
    chatkit_url: str = "/api/chatkit"
    chatkit_domain_key: str = "domain_pk_localhost_dev"
    cookie_secure: bool = True
    """False only where the page is served over plain HTTP, on the developer's own machine."""


class HostSettings(SettingsGroup):
    """The host names that a local server answers to."""

    allowed_hosts: Annotated[tuple[str, ...], BeforeValidator(_comma_separated)] = (
        "localhost",
        "127.0.0.1",
    )
