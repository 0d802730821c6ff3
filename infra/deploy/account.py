"""The AWS account: its credentials, clients and quotas."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from infra.deploy.advice import explained
from infra.deploy.errors import DeployError
from infra.deploy.reservations import NOTHING_RESERVED

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

EDGE_REGION = "us-east-1"
"""The region in which resources for CloudFront must be."""

_SPARE_CONCURRENCY = 10
"""Lambda refuses reservations that leave fewer unreserved executions than this."""
_FUNCTIONS_AT_ONCE = 10
"""The fewest concurrent executions with which a deployment can serve a few people."""

_VPCS_PER_REGION = ("vpc", "L-F678F1CE", 5)
"""Service and code of the quota, and AWS's default, used if the quota cannot be read."""


@dataclass(frozen=True)
class Identity:
    """The owner of the credentials."""

    account: str
    arn: str
    region: str


class Account:
    """Creates clients with the credentials of the environment."""

    def __init__(self) -> None:
        try:
            self._session = boto3.Session()
        except ProfileNotFound as error:
            raise DeployError(str(error), "Check AWS_PROFILE.") from None

    @cached_property
    def identity(self) -> Identity:
        """The caller's identity. Raises `DeployError` without usable credentials or a region."""
        region = self._session.region_name
        if not region:
            raise DeployError("No region is set.", "Set AWS_REGION, for example to eu-central-1.")
        try:
            caller = self.client("sts").get_caller_identity()
        except (NoCredentialsError, PartialCredentialsError, NoRegionError):
            raise DeployError(
                "There are no AWS credentials here.",
                "Sign in (aws sso login) and set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY.",
            ) from None
        except (ClientError, BotoCoreError) as error:
            raise explained(f"AWS does not tell who we are: {error}") from error
        return Identity(account=caller["Account"], arn=caller["Arn"], region=region)

    def client(self, service: str, region: str | None = None) -> Any:
        """Create a client for the service, by default in our region."""
        retries = Config(retries={"mode": "standard", "max_attempts": 8})
        client: Any = self._session.client(  # type: ignore[call-overload] # names come as strings
            service, region_name=region, config=retries
        )
        return client

    def cloudformation(self, region: str | None = None) -> "CloudFormationClient":
        """Create a client for CloudFormation."""
        client: CloudFormationClient = self.client("cloudformation", region)
        return client


def check_concurrency(account: Account, wanted: int, already_ours: int) -> str:
    """Check that Lambda's quota allows the reservations. Returns a summary or raises `DeployError`.

    `already_ours` is the part of the account's reservations that belongs to this deployment.
    """
    limits = account.client("lambda").get_account_settings()["AccountLimit"]
    total, unreserved = limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]
    if total < _FUNCTIONS_AT_ONCE:
        raise DeployError(
            f"The account allows {total} concurrent executions of Lambda functions, too few to "
            "serve anybody.",
            "Ask for more under Service Quotas, AWS Lambda, Concurrent executions.",
        )
    if wanted and unreserved + already_ours - wanted < _SPARE_CONCURRENCY:
        raise DeployError(
            f"The parameters reserve {wanted} concurrent executions. The account allows {total}, "
            f"{total - unreserved - already_ours} of them are reserved by others, and "
            f"{_SPARE_CONCURRENCY} must stay free.",
            f"Deploy with {NOTHING_RESERVED}, or ask for more under Service Quotas, AWS Lambda, "
            "Concurrent executions.",
        )
    return f"{total} concurrent executions, {wanted or 'none'} reserved"


def check_networks(account: Account) -> str:
    """Check that the quota allows one more VPC. Returns a summary or raises `DeployError`."""
    used = len(account.client("ec2").describe_vpcs()["Vpcs"])
    service, code, quota = _VPCS_PER_REGION
    try:
        answer = account.client("service-quotas").get_service_quota(
            ServiceCode=service, QuotaCode=code
        )
        quota = int(answer["Quota"]["Value"])
    except (ClientError, BotoCoreError):
        pass  # few roles have this permission; AWS's default is the best guess
    if used >= quota:
        raise DeployError(
            f"The region has {used} VPCs, and the account allows {quota}.",
            "Delete one, or ask for more under Service Quotas, Amazon VPC, VPCs per Region.",
        )
    return f"{used} of {quota} VPCs"
