"""The environment that the functions run in on this machine: what is not set is made up here."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".local"
"""What is kept between starts: the database, and the key of the tokens."""

_POOL_SIZE = "10"


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What the environment does not name, so that it has to be started here."""

    database: bool
    demo_model: bool


def find_needs(environment: Mapping[str, str]) -> Needs:
    """Postgres without `DATABASE_URL`; the demo model with neither a key nor an endpoint."""
    return Needs(
        database=not environment.get("DATABASE_URL"),
        demo_model=not (environment.get("GEMINI_API_KEY") or environment.get("GEMINI_BASE_URL")),
    )


def complete(
    environment: Mapping[str, str], *, database_url: str | None, demo_model_url: str | None
) -> dict[str, str]:
    """The environment of the functions, with what was started filled in."""
    given = {name: value for name, value in environment.items() if value}
    completed = {"DATABASE_POOL_SIZE": _POOL_SIZE, "COOKIE_SECURE": "false", **given}
    if database_url:
        completed["DATABASE_URL"] = database_url
    if demo_model_url:
        completed["GEMINI_BASE_URL"] = demo_model_url
        completed["GEMINI_MODEL"] = "demo"
    # An endpoint of one's own may want no key; the client always sends one.
    completed.setdefault("GEMINI_API_KEY", "none")
    if not (completed.get("JWT_SECRET") or completed.get("JWT_JWKS_URL")):
        completed["JWT_SECRET"] = _kept_secret(STATE / "jwt-secret")
    if not completed.get("ATTACHMENTS_BUCKET"):
        completed.setdefault("ATTACHMENTS_DIRECTORY", str(STATE / "attachments"))
        completed.setdefault("ATTACHMENTS_SECRET", _kept_secret(STATE / "attachments-secret"))
    return completed


def _kept_secret(path: Path) -> str:
    """A secret made on the first start and kept, so that sessions outlive restarts."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
