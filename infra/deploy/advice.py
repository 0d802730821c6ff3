"""Advice for the most common failures of a deployment.

Reasons are free text from many services, so each pattern matches the words that stay the same.
"""

import re
from collections.abc import Sequence

from infra.deploy.errors import DeployError
from infra.deploy.events import Event
from infra.deploy.reservations import NOTHING_RESERVED

_KNOWN: dict[str, str] = {
    r"SchemaMigration\b|Custom::SchemaMigration|DatabaseError": (
        "The database refused a migration. The version before it keeps serving. Correct the "
        "migration and deploy again."
    ),
    r"UnreservedConcurrentExecution below its minimum": (
        "The account allows too few concurrent executions to reserve any. Deploy with "
        f"{NOTHING_RESERVED}, or ask for more under Service Quotas, AWS Lambda, Concurrent "
        "executions."
    ),
    r"(?i)limit ?exceeded|quota|maximum number of|TooMany": (
        "A quota of the account is used up. Ask for more under Service Quotas, or delete what is "
        "no longer needed, and deploy again."
    ),
    r"(?i)ExpiredToken|security token included in the request is expired|TokenRefreshRequired": (
        "The credentials have expired. Sign in again (aws sso login) and run the same command: it "
        "goes on where it stopped."
    ),
    r"(?i)InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|AuthFailure": (
        "AWS does not accept the credentials. Check AWS_PROFILE, or sign in again."
    ),
    r"(?i)AccessDenied|not authorized to perform|UnauthorizedOperation|Forbidden": (
        "The credentials may not do this. Deploy with a role that may create IAM roles, networks "
        "and databases, or have this action allowed."
    ),
    r"(?i)Requires capabilities|InsufficientCapabilities": (
        "The template makes IAM resources. `make deploy` allows it; `sam deploy` needs "
        "--capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND."
    ),
    r"(?i)has a dependent object|DependencyViolation|is currently in use|network interface": (
        "Lambda's network interfaces take up to 45 minutes to go. Wait, and run the same command "
        "again."
    ),
    r"(?i)DeletionProtection|deletion protection|InvalidParameterCombination.*protect": (
        "The resource is protected from deletion. `make destroy` turns that off first."
    ),
    r"(?i)bucket you tried to delete is not empty|BucketNotEmpty": (
        "Something wrote to the bucket while it was emptied. Run the same command again."
    ),
    r"Egress=NatGateway|over IPv6": (
        "The functions cannot reach what they need over IPv6. Deploy with "
        "PARAMETERS='Egress=NatGateway' (about $36 a month)."
    ),
    r"(?i)scheduled for deletion": (
        "A secret of that name is being deleted. Wait, or restore it: "
        "aws secretsmanager restore-secret --secret-id NAME."
    ),
    r"(?i)already exists": (
        "Something else in the account has that name. Rename or delete it, or choose another "
        "stack name in samconfig.toml."
    ),
    r"(?i)did not receive a response|failed to respond|timed out after|Custom Resource": (
        "A function that takes part in the deployment failed. Its log group, named in the reason "
        "or listed by `aws logs describe-log-groups`, says more."
    ),
    r"(?i)InstanceClass|not available in|InsufficientDBInstanceCapacity|engine version": (
        "The region lacks that database at the moment. Choose another class by PARAMETERS, or "
        "another region."
    ),
    r"(?i)account must be verified|must be verified before you can add": (
        "AWS verifies new accounts before they may use CloudFront. Open a case with AWS Support, "
        "or deploy with PARAMETERS='Edge=off' meanwhile."
    ),
    r"(?i)throttl|Rate exceeded": (
        "AWS asks to slow down. Run the same command again in a minute."
    ),
}


def advice_on(reason: str) -> str:
    """Return what to do about a failure with this reason, or an empty string."""
    for pattern, advice in _KNOWN.items():
        if re.search(pattern, reason):
            return advice
    return ""


def advice_on_failed_rollback(stack: str, causes: Sequence[Event]) -> str:
    """Return what to do when the stack's update failed for these causes and its rollback failed."""
    names = sorted({cause.resource for cause in causes})
    return (
        "The roll-back failed as well. Mend what the reasons name and run the same command again: "
        "it finishes the roll-back first. To leave a resource as it is: aws cloudformation "
        f"continue-update-rollback --stack-name {stack} --resources-to-skip {' '.join(names)}"
    )


def explained(message: str, reason: str = "") -> DeployError:
    """Return an error with the message and the advice for its reason (by default the message)."""
    return DeployError(message, advice_on(reason or message))
