"""Tries what the functions will need, from where they will be, before the database is made.

A CloudFormation custom resource on the standard library and boto3, which Lambda has: it runs before
there is any layer. Properties: `ModelUrl`, `ModelKeySecretArn`, `KeySetUrl`, `Egress`.
"""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

SECONDS = 8.0

logger = logging.getLogger()
logger.setLevel(logging.INFO)


class UnreachableError(Exception):
    """What was tried did not answer as it must; the text says what to change."""


def handler(event: dict[str, Any], _context: object) -> None:
    """Answer CloudFormation: success, or every fault that was found."""
    found: list[str] = []
    if event["RequestType"] != "Delete":
        found = faults(event["ResourceProperties"])
    status = "FAILED" if found else "SUCCESS"
    logger.info("%s: %s", status, found)
    answer = {
        "Status": status,
        "Reason": " ".join(found)[:1000] or "All answer.",
        "PhysicalResourceId": event.get("PhysicalResourceId", "preflight"),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    body = json.dumps(answer).encode()
    # The URL is signed without a content type.
    request = urllib.request.Request(  # noqa: S310 - CloudFormation's own
        event["ResponseURL"], data=body, headers={"content-type": ""}, method="PUT"
    )
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - the same


def faults(properties: Mapping[str, str]) -> list[str]:
    """What does not answer, in words; empty where everything does."""
    key = ""

    def secrets() -> None:
        nonlocal key
        key = _read_secret(properties["ModelKeySecretArn"])

    tries: list[Callable[[], None]] = [
        secrets,
        lambda: _try_model(properties["ModelUrl"], key),
        lambda: _try_key_set(properties.get("KeySetUrl", "")),
    ]
    found = []
    for attempt in tries:
        try:
            attempt()
        except UnreachableError as error:
            found.append(str(error))
    if found and properties.get("Egress") == "Ipv6":
        found.append("If a host has no IPv6, deploy with Egress=NatGateway.")
    return found


def _read_secret(arn: str) -> str:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    config = Config(
        connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 2}
    )
    try:
        client = boto3.client("secretsmanager", config=config)
        secret: str = client.get_secret_value(SecretId=arn)["SecretString"]
    except (BotoCoreError, ClientError) as error:
        raise UnreachableError(f"Secrets Manager: {error}.") from None
    return secret


def _try_model(base_url: str, key: str) -> None:
    """Ask for the list of models: it costs nothing, and needs the key."""
    url = base_url.rstrip("/") + "/models"
    try:
        _get(url, {"authorization": f"Bearer {key}"})
    except urllib.error.HTTPError as error:
        said = error.read(500).decode(errors="replace")
        if error.code in {401, 403} or "API key" in said:
            raise UnreachableError(f"The model refuses the key (HTTP {error.code}).") from None
        if "location" in said:
            raise UnreachableError(
                "The model does not serve this location. Deploy in another region, or with "
                "Egress=NatGateway."
            ) from None
        if error.code != HTTPStatus.NOT_FOUND:  # a compatible server need not list its models
            raise UnreachableError(f"The model at {url}: HTTP {error.code}.") from None
    except OSError as error:
        raise UnreachableError(f"The model at {url}: {error}.") from None


def _try_key_set(url: str) -> None:
    if not url:
        return
    try:
        document = json.loads(_get(url, {}))
    except (OSError, ValueError) as error:
        raise UnreachableError(f"The sign-in's key set at {url}: {error}.") from None
    if not isinstance(document, dict) or not document.get("keys"):
        raise UnreachableError(f"The sign-in's key set at {url} has no keys.")


def _get(url: str, headers: Mapping[str, str]) -> bytes:
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - of the parameters
    with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310 - the same
        body: bytes = response.read(1_000_000)
    return body
