"""The resources of a stack."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, WaiterError

from infra.deploy.advice import explained
from infra.deploy.events import NESTED

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


def read_resources(cloudformation: "CloudFormationClient", stack: str) -> Iterator[tuple[str, str]]:
    """Type and physical id of each, those of nested stacks included; none without a stack."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    try:
        for page in pages:
            for resource in page["StackResourceSummaries"]:
                physical_id = resource.get("PhysicalResourceId", "")
                if not physical_id or resource["ResourceStatus"] == "DELETE_COMPLETE":
                    continue
                yield resource["ResourceType"], physical_id
                if resource["ResourceType"] == NESTED:
                    yield from read_resources(cloudformation, physical_id)
    except (ClientError, WaiterError) as error:
        if "does not exist" not in str(error):
            raise explained(str(error)) from error
