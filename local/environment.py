"""Completes the functions' environment variables for this machine."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".local"
"""Data that is kept between starts: the database, attached files and signing keys."""

_POOL_SIZE = "10"


@dataclass(frozen=True, kw_only=True)
class Needs:
    """The services that the environment does not name and that must be started here."""

    database: bool
    demo_model: bool


def find_needs(environment: Mapping[str, str]) -> Needs:
    """Postgres is needed without `DATABASE_URL`, the demo model without a key and an endpoint."""
    return Needs(
        database=not environment.get("DATABASE_URL"),
        demo_model=not (environment.get("GEMINI_API_KEY") or environment.get("GEMINI_BASE_URL")),
    )


def complete(
    environment: Mapping[str, str], *, database_url: str | None, demo_model_url: str | None
) -> dict[str, str]:
    """Return the functions' environment, including the addresses of the started services."""
    given = {name: value for name, value in environment.items() if value}
    completed = {"DATABASE_POOL_SIZE": _POOL_SIZE, "COOKIE_SECURE": "false", **given}
    if database_url:
        completed["DATABASE_URL"] = database_url
    if demo_model_url:
        completed["GEMINI_BASE_URL"] = demo_model_url
        completed["GEMINI_MODEL"] = "demo"
    # A custom endpoint may not need a key, but the client always sends one.
    completed.setdefault("GEMINI_API_KEY", "none")
    if not (completed.get("JWT_SECRET") or completed.get("JWT_JWKS_URL")):
        completed["JWT_SECRET"] = _kept_secret(STATE / "jwt-secret")
    if not completed.get("ATTACHMENTS_BUCKET"):
        completed.setdefault("ATTACHMENTS_DIRECTORY", str(STATE / "attachments"))
        completed.setdefault("ATTACHMENTS_SECRET", _kept_secret(STATE / "attachments-secret"))
    return completed


def _kept_secret(path: Path) -> str:
    """Return a secret that is created on the first start and kept, so sessions survive restarts."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
