"""The parameters of a new connection: where to connect, and with which password."""

import asyncio
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from psycopg.conninfo import conninfo_to_dict

from taskchat.errors import DatabaseError
from taskchat.settings import DatabaseSettings

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

# `tcp_user_timeout` is in milliseconds, the others in seconds. A peer that vanished (a frozen
# environment, a failover) must be detected well before a request gives up waiting.
_LIVENESS: dict[str, Any] = {
    "connect_timeout": 3,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 3000,
    "application_name": "taskchat",
}


async def connection_parameters(settings: DatabaseSettings) -> dict[str, Any]:
    """The parameters of one new connection, with a password that is valid now."""
    if settings.url is not None:
        given = conninfo_to_dict(settings.url.get_secret_value())
        options = f"{given.get('options') or ''} -c timezone=UTC".strip()
        return _LIVENESS | given | {"options": options}
    # No `options` here: RDS Proxy refuses them, and RDS uses UTC by default.
    return {
        **_LIVENESS,
        "host": settings.host,
        "port": settings.port,
        "dbname": settings.name,
        "sslmode": "verify-full",
        "sslrootcert": settings.sslrootcert,
        **await asyncio.to_thread(_credentials, settings),
    }


def _credentials(settings: DatabaseSettings) -> dict[str, str]:
    if settings.auth == "iam":
        return {"user": settings.user, "password": _iam_token(settings)}
    return _stored_credentials(str(settings.secret_arn))


def _iam_token(settings: DatabaseSettings) -> str:
    """A token for the next 15 minutes, signed locally, without a request."""
    return _rds_client().generate_db_auth_token(
        DBHostname=str(settings.host), Port=settings.port, DBUsername=settings.user
    )


@cache
def _rds_client() -> "RDSClient":
    import boto3.session

    # Not the default session, which threads must not share.
    return boto3.session.Session().client("rds")


def _stored_credentials(arn: str) -> dict[str, str]:
    from taskchat.secrets import read_secret

    try:
        secret = json.loads(read_secret(arn))
        return {"user": secret["username"], "password": secret["password"]}
    except (ValueError, KeyError, TypeError):
        raise DatabaseError(
            "The database's secret is not JSON with username and password."
        ) from None
