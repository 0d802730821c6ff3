"""What stands behind RDS' endpoint: a real Postgres, reached by TLS and signed in to as on RDS.

The master user signs in with the password in its managed secret. Any other needs an IAM token: its
signature is verified, and the policies of the role that signed it must allow `rds-db:connect`.
"""

import asyncio
import json
import secrets
import ssl
import struct
import threading
from dataclasses import dataclass
from typing import Any

import psycopg2
from ministack.core import iam_evaluator, rds_iam
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import rds, secretsmanager, sts
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS
from psycopg2 import sql

_SSL_REQUEST, _CANCEL_REQUEST = 80877103, 80877102
_HOST = "localhost"


@dataclass(frozen=True)
class Configuration:
    """Where Postgres listens, and what the endpoint shows to its callers."""

    port: int
    socket: str
    """Postgres' unix socket."""
    superuser: str
    certificate: str
    """The PEM file with certificate and key."""


@dataclass(frozen=True)
class _Instance:
    id: str
    resource_id: str
    account: str
    region: str
    master: str
    password: str


class Endpoint:
    """The endpoint of the one instance there is."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._instance: _Instance | None = None

    def install(self) -> None:
        """Have CloudFormation's database instances lead here, and listen."""
        handlers = _RESOURCE_HANDLERS["AWS::RDS::DBInstance"]
        create, update, delete = (handlers[name] for name in ("create", "update", "delete"))

        def created(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
            physical_id, _attributes = create(logical_id, properties, stack)
            return physical_id, self._open(physical_id, properties)

        def updated(physical_id: str, *arguments: Any) -> Any:
            same, _attributes = update(physical_id, *arguments)
            assert same == physical_id, "the database was replaced"
            return same, self._attributes(physical_id)

        def deleted(physical_id: str, properties: dict[str, Any]) -> None:
            if rds._instances[physical_id].get("DeletionProtection"):
                raise ValueError(
                    "Cannot delete protected DB Instance, please disable deletion protection"
                )
            delete(physical_id, properties)
            self._close()

        handlers |= {"create": created, "update": updated, "delete": deleted}
        _give_sessions_an_end()
        started = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve(started)), daemon=True).start()
        assert started.wait(10), "the database's endpoint does not listen"

    # --- the instance ---------------------------------------------------------------------------

    def _open(self, physical_id: str, properties: dict[str, Any]) -> dict[str, str]:
        record = rds._instances[physical_id]
        record["Endpoint"] |= {"Address": _HOST, "Port": self._configuration.port}
        master = properties["MasterUsername"]
        password = secrets.token_urlsafe(24)
        answer = secretsmanager._create_secret(
            {
                "Name": f"rds!{physical_id}",
                "SecretString": json.dumps({"username": master, "password": password}),
            }
        )
        record["MasterUserSecret"] = {"SecretArn": json.loads(answer[2])["ARN"]}
        self._instance = _Instance(
            id=physical_id,
            resource_id=record["DbiResourceId"],
            account=get_account_id(),
            region=get_region(),
            master=master,
            password=password,
        )
        self._make_database(properties["DBName"], master)
        return self._attributes(physical_id)

    def _attributes(self, physical_id: str) -> dict[str, str]:
        record = rds._instances[physical_id]
        return {
            "Endpoint.Address": record["Endpoint"]["Address"],
            "Endpoint.Port": str(record["Endpoint"]["Port"]),
            "DbiResourceId": record["DbiResourceId"],
            "DBInstanceArn": record["DBInstanceArn"],
            "MasterUserSecret.SecretArn": record["MasterUserSecret"]["SecretArn"],
        }

    def _close(self) -> None:
        assert self._instance is not None
        secretsmanager._delete_secret(
            {"SecretId": f"rds!{self._instance.id}", "ForceDeleteWithoutRecovery": True}
        )
        self._instance = None

    def _make_database(self, name: str, master: str) -> None:
        """As RDS makes it: the master may make roles and databases, and is no superuser."""
        connection = psycopg2.connect(
            host=self._configuration.socket, user=self._configuration.superuser, dbname="postgres"
        )
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("create role rds_iam")
            cursor.execute("create role rds_superuser")
            cursor.execute(
                sql.SQL("create role {} login createrole createdb").format(sql.Identifier(master))
            )
            for role in ("rds_iam", "rds_superuser"):
                cursor.execute(
                    sql.SQL("grant {} to {} with admin option, inherit false").format(
                        sql.Identifier(role), sql.Identifier(master)
                    )
                )
            cursor.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
            cursor.execute(
                sql.SQL("create database {} owner {}").format(
                    sql.Identifier(name), sql.Identifier(master)
                )
            )
        connection.close()

    # --- the endpoint ---------------------------------------------------------------------------

    async def _serve(self, started: threading.Event) -> None:
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(self._configuration.certificate)
        server = await asyncio.start_server(self._handle, "127.0.0.1", self._configuration.port)
        async with server:
            started.set()
            await server.serve_forever()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._connect(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        code, message = await _read_startup(reader)
        if code != _SSL_REQUEST:
            await _refuse(writer, "no pg_hba.conf entry for this host: no encryption")
            return
        writer.write(b"S")
        await writer.start_tls(self._tls)
        code, message = await _read_startup(reader)
        if code != _CANCEL_REQUEST:
            user = _parameters(message)["user"]
            writer.write(b"R" + struct.pack("!II", 8, 3))  # AuthenticationCleartextPassword
            await writer.drain()
            kind, size = struct.unpack("!cI", await reader.readexactly(5))
            password = (await reader.readexactly(size - 4)).rstrip(b"\0").decode()
            if kind != b"p" or not self._accepts(user, password):
                await _refuse(writer, f'PAM authentication failed for user "{user}"')
                return
        path = f"{self._configuration.socket}/.s.PGSQL.5432"
        server_reader, server_writer = await asyncio.open_unix_connection(path)
        server_writer.write(message)
        await asyncio.gather(_pump(reader, server_writer), _pump(server_reader, writer))

    def _accepts(self, user: str, password: str) -> bool:
        instance = self._instance
        if instance is None:
            return False
        if user == instance.master:
            return secrets.compare_digest(password, instance.password)
        with request_scope(instance.account, instance.region):
            return _may_connect(instance, user, password, self._configuration.port)


def _may_connect(instance: _Instance, user: str, token: str, port: int) -> bool:
    verified = rds_iam.verify_rds_iam_token(
        token,
        hostname=_HOST,
        port=port,
        db_user=user,
        region=instance.region,
        account_id=instance.account,
    )
    if isinstance(verified, rds_iam.RdsIamTokenError):
        print(f"rds: {user}: {verified.code}", flush=True)
        return False
    principal = iam_evaluator.resolve_principal(verified.access_key_id, instance.account)
    if principal.policies is None:
        return True
    resource = f"arn:aws:rds-db:{instance.region}:{instance.account}:dbuser:{instance.resource_id}"
    context = iam_evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=instance.account,
        action="rds-db:connect",
        resource_arn=f"{resource}/{user}",
        region=instance.region,
        principal_keys=principal.keys,
    )
    result = iam_evaluator.evaluate(context, principal.policies, *principal.limits)
    print(f"rds: {user} by {principal.arn}: {result.decision}", flush=True)
    return bool(result.decision == "Allow")


def _give_sessions_an_end() -> None:
    """Functions' credentials carry no end in the emulator, which its own check of tokens wants."""
    register = sts.register_session

    def register_with_end(access_key: str, session: dict[str, Any]) -> None:
        session.setdefault("Expiration", _END_OF_TIME)
        register(access_key, session)

    sts.register_session = register_with_end


_END_OF_TIME = 4102444800.0  # 2100


async def _read_startup(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readexactly(8)
    size, code = struct.unpack("!II", head)
    return code, head + await reader.readexactly(size - 8)


def _parameters(message: bytes) -> dict[str, str]:
    words = message[8:].decode().split("\0")
    return dict(zip(words[::2], words[1::2], strict=False))


async def _refuse(writer: asyncio.StreamWriter, reason: str) -> None:
    fields = f"SFATAL\0VFATAL\0C28000\0M{reason}\0\0".encode()
    writer.write(b"E" + struct.pack("!I", len(fields) + 4) + fields)
    await writer.drain()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
