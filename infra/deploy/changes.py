"""Change sets: whether one changes anything, and which resources."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from infra.deploy.advice import explained
from infra.deploy.errors import DeployError
from infra.deploy.pauses import pauses

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ResourceChangeTypeDef

_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
_COMPARED_SECONDS = 600.0


def says_no_changes(reason: str) -> bool:
    """Tell whether CloudFormation refused because there is nothing to change."""
    return any(words in reason for words in _NO_CHANGES)


def compare(cloudformation: "CloudFormationClient", change_set: str, stack: str) -> bool:
    """Wait for the change set; tells whether it changes anything, and deletes an empty one.

    Raises `DeployError`.
    """
    give_up_at = time.monotonic() + _COMPARED_SECONDS
    for pause in pauses():
        described = cloudformation.describe_change_set(ChangeSetName=change_set)
        reason = described.get("StatusReason", "")
        if described["Status"] == "CREATE_COMPLETE":
            return True
        if described["Status"] == "FAILED":
            if not says_no_changes(reason):
                raise explained(f"{stack} cannot be changed: {reason}", reason)
            cloudformation.delete_change_set(ChangeSetName=change_set)
            return False
        if time.monotonic() > give_up_at:
            break
        time.sleep(pause)
    raise DeployError(f"CloudFormation did not compare {stack} with its template in time.")


def describe_changes(cloudformation: "CloudFormationClient", change_set: str) -> Iterator[str]:
    """Yield a line for each resource that the change set changes."""
    pages = cloudformation.get_paginator("describe_change_set").paginate(ChangeSetName=change_set)
    for page in pages:
        for change in page["Changes"]:
            yield _describe(change["ResourceChange"])


def _describe(change: "ResourceChangeTypeDef") -> str:
    words = [change["Action"].lower(), change["LogicalResourceId"], f"({change['ResourceType']})"]
    match change.get("Replacement", "False"):
        case "True":
            words.append("REPLACED")
        case "Conditional":
            words.append("may be replaced")
    return " ".join(words)
