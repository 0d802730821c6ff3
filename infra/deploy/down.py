"""`make destroy`: deletes everything that `make deploy` created, in reverse order."""

from typing import Any

from infra.deploy.artifacts import empty_bucket
from infra.deploy.deployment import Deployment
from infra.deploy.inputs import ModelKey, confirm
from infra.deploy.progress import Progress, Step
from infra.deploy.stacks import Stack


def destroy(deployment: Deployment, progress: Progress) -> None:
    """Delete the stacks and everything they leave behind, after the person has confirmed.

    Safe to repeat. Raises `DeployError`.
    """
    account, environment = deployment.account, deployment.environment
    with progress.step("account") as step:
        step.summary = f"{account.identity.account} in {account.identity.region}"
    stacks = [deployment.application, deployment.waf, deployment.data, deployment.artifacts]
    secrets = account.client("secretsmanager")
    key = ModelKey(secrets, environment.stack, dict(environment.tags))
    if not any(stack.status() for stack in stacks) and not key.exists():
        progress.say(f"There is no deployment {environment.name} here.")
        return
    progress.say(
        f"  This deletes {environment.stack}: its functions, its page, its users, attached"
    )
    progress.say("  files, and the database with every conversation and task, of which a last")
    progress.say("  snapshot is kept.")
    confirm("There is no way back.", environment.stack)

    s3 = account.client("s3")
    _delete(progress, "application", deployment.application, s3)
    _delete(progress, "firewall of the edge", deployment.waf, s3)
    if "DeletionProtection" in deployment.data.parameters():
        with progress.step("protection from deletion") as step:
            if _is_settled(deployment.data):
                deployment.data.update_parameters({"DeletionProtection": "off"}, step)
            step.summary = "off"
    _delete(progress, "network, database, sign-in", deployment.data, s3)
    with progress.step("model's key") as step:
        step.summary = "deleted" if key.delete() else "is gone"
    _delete(progress, "bucket for uploads", deployment.artifacts, s3)
    _tell_what_stays(account.client("rds"), environment.stack, progress)


def _delete(progress: Progress, name: str, stack: Stack, s3: Any) -> None:
    with progress.step(name) as step:
        if not stack.status():
            step.summary = "is gone"
            return
        _empty_buckets(stack, s3, step)
        stack.delete(step)
        step.summary = "deleted"


def _empty_buckets(stack: Stack, s3: Any, step: Step) -> None:
    for kind, physical_id in stack.resources():
        if kind == "AWS::S3::Bucket" and (count := empty_bucket(s3, physical_id)):
            step.note(f"{physical_id}: {count} objects deleted")


def _is_settled(stack: Stack) -> bool:
    """Tell whether the stack can be updated. If its creation failed, it was never protected."""
    return stack.status() in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


def _tell_what_stays(rds: Any, stack: str, progress: Progress) -> None:
    snapshots = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    for name in (item["DBSnapshotIdentifier"] for item in snapshots):
        if name.startswith(stack):
            progress.say(f"  The last snapshot is kept, at about $0.1 per GB and month: {name}")
            progress.say(f"    aws rds delete-db-snapshot --db-snapshot-identifier {name}")
