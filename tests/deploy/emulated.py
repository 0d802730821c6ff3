"""An AWS on this machine: the emulator, a Postgres for RDS and a model, with a root user's keys."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import httpx2
import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.postgres import ROLE
from tests.support import network
from tests.support.builds import ROOT
from tests.support.postgres import temporary_server

REGION = "eu-central-1"
ACCOUNT = "123456789012"
_START_SECONDS = 60.0
_ANSWER_SECONDS = 180.0
_ENDED_BY = ("AWS_", "GEMINI_", "JWT_", "DATABASE_", "MAKE", "MFLAGS", "PARAMETERS")


@dataclass(frozen=True)
class EmulatedAws:
    """How to reach it all."""

    endpoint: str
    model: str
    """Base URL of the demo model."""
    certificates: Path
    """What certifies the database's endpoint."""
    database_port: int
    """Where RDS' endpoint listens."""
    database: str
    """URL of the database behind RDS' endpoint, for its superuser."""
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a shell that has nothing set but credentials and the endpoint."""
        clean = {
            name: value
            for name, value in network.child_environment().items()
            if not name.startswith(_ENDED_BY)
        }
        return clean | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, region: str = REGION) -> Any:
        """A client with the root user's keys."""
        keys = self.environment
        create: Any = boto3.client
        return create(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )

    def tables(self) -> set[str]:
        """The names of the tables in the database behind RDS' endpoint."""
        with psycopg.connect(self.database) as connection:
            rows = connection.execute("select tablename from pg_tables where schemaname = 'public'")
            return {name for (name,) in rows}

    def send(self, method: str, url: str, **arguments: Any) -> httpx2.Response:
        """The answer to a request to a host of AWS'. Arguments are as for `httpx2.request`."""
        with self.stream(method, url, **arguments) as response:
            response.read()
        return response

    def stream(
        self, method: str, url: str, **arguments: Any
    ) -> AbstractContextManager[httpx2.Response]:
        """A request to a host of AWS', which the emulator plays, over TLS as it believes."""
        parts = httpx2.URL(url)
        headers = {
            **arguments.pop("headers", {}),
            "host": parts.host,
            "x-forwarded-proto": "https",
        }
        target = self.endpoint + parts.raw_path.decode()
        return httpx2.stream(method, target, headers=headers, timeout=_ANSWER_SECONDS, **arguments)


@contextmanager
def emulated_aws(**settings: str) -> Iterator[EmulatedAws]:
    """An account with nothing in it, for as long as the block. `settings` are the emulator's."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="test-aws-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        server = stack.enter_context(temporary_server())
        socket_folder = httpx2.QueryParams(server.url.partition("?")[2])["host"]
        model_port, database_port, port = _free_ports(3)
        aws = EmulatedAws(
            endpoint=f"http://127.0.0.1:{port}",
            model=f"http://127.0.0.1:{model_port}/v1",
            certificates=folder / "certificates.pem",
            database_port=database_port,
            database=server.url,
            log=folder / "emulator.log",
        )
        _certify("localhost", aws.certificates, folder / "endpoint.pem")
        configuration = {
            "port": database_port,
            "socket": socket_folder,
            "superuser": ROLE,
            "certificate": str(folder / "endpoint.pem"),
        }
        own = {
            "GATEWAY_PORT": str(port),
            "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "PYTHONUNBUFFERED": "1",
            "S3_DATA_DIR": str(folder / "s3"),
            "STATE_DIR": str(folder / "state"),
            "TMPDIR": str(folder),
            **settings,
        }
        environment = {
            name: value for name, value in aws.environment.items() if name != "AWS_ENDPOINT_URL"
        }
        _start(
            stack,
            [".venv-ministack/bin/python", "-m", "tests.deploy.aws", json.dumps(configuration)],
            environment | own,
            aws.log,
        )
        _start(
            stack,
            [sys.executable, "-m", "local.demo_model", "--port", str(model_port)],
            environment,
            folder / "model.log",
        )
        _wait_for(f"{aws.endpoint}/_ministack/health", aws.log)
        _wait_for(f"http://127.0.0.1:{model_port}/healthz", folder / "model.log")
        yield aws


def _start(stack: ExitStack, command: list[str], environment: Mapping[str, str], log: Path) -> None:
    output = stack.enter_context(log.open("w"))
    process = subprocess.Popen(
        command, cwd=ROOT, env=dict(environment), stdout=output, stderr=subprocess.STDOUT
    )
    stack.callback(_end, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    process.kill()
    process.wait()


def _wait_for(url: str, log: Path) -> None:
    give_up_at = time.monotonic() + _START_SECONDS
    while True:
        with suppress(httpx2.TransportError):
            if httpx2.get(url).is_success:
                return
        assert time.monotonic() < give_up_at, log.read_text()[-2000:]
        time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for free in sockets:
            free.bind(("127.0.0.1", 0))
        return [free.getsockname()[1] for free in sockets]


def _certify(host: str, certificates: Path, key_file: Path) -> None:
    """Write a certificate for the host, and the same with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    certificates.write_bytes(pem)
    key_file.write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
