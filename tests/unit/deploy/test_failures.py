"""Why an operation failed: the resource that began it, and what to do."""

from datetime import UTC, datetime

import pytest

from infra.deploy.advice import advice_on
from infra.deploy.events import NESTED, Event, root_causes


def event(resource: str, status: str, reason: str = "", kind: str = "AWS::S3::Bucket") -> Event:
    return Event(
        id=f"{resource}-{status}",
        resource=resource,
        type=kind,
        status=status,
        reason=reason,
        physical_id=resource,
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_resources_that_were_only_cancelled_are_no_causes() -> None:
    cause = event("Function", "CREATE_FAILED", "decreases UnreservedConcurrentExecution")
    events = [
        event("Bucket", "CREATE_COMPLETE"),
        cause,
        event("Queue", "CREATE_FAILED", "Resource creation cancelled"),
        event("stack", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [F]."),
        event("stack", "ROLLBACK_FAILED", "The following resource(s) failed to delete: [Bucket]."),
    ]

    assert root_causes(events) == [cause]


def test_the_resource_inside_a_nested_stack_is_the_cause() -> None:
    inner = event("Database/Instance", "CREATE_FAILED", "engine version 99 does not exist")
    outer = event("Database", "CREATE_FAILED", "Embedded stack was not created", NESTED)

    assert root_causes([inner, outer]) == [inner]
    assert root_causes([outer]) == [outer]


def test_several_resources_may_fail_on_their_own() -> None:
    events = [event(name, "UPDATE_FAILED", "Access Denied") for name in ("A", "B")]

    assert root_causes(events) == events


# Sentences as the services say them.
@pytest.mark.parametrize(
    ("reason", "advised"),
    [
        (
            (
                "Specified ReservedConcurrentExecutions for function decreases account's "
                "UnreservedConcurrentExecution below its minimum value of [10]. (Service: Lambda, "
                "Status Code: 400)"
            ),
            "ReservedConcurrency=-1",
        ),
        ("The maximum number of VPCs has been reached.", "Service Quotas"),
        ("The security token included in the request is expired", "Sign in again"),
        ("An error occurred (ExpiredToken) when calling the PutObject operation", "Sign in again"),
        ("The security token included in the request is invalid. (InvalidClientTokenId)", "accept"),
        (
            "User: arn:aws:iam::1:user/x is not authorized to perform: iam:CreateRole",
            "may not do this",
        ),
        ("Requires capabilities : [CAPABILITY_AUTO_EXPAND]", "CAPABILITY_AUTO_EXPAND"),
        ("resource sg-1 has a dependent object (Status Code: 400)", "45 minutes"),
        ("Cannot delete protected DB Instance, please disable deletion protection", "make destroy"),
        (
            (
                "SchemaMigration (Custom::SchemaMigration): DatabaseError: The data could not be "
                'read or saved. (relation "tasks" already exists)'
            ),
            "Correct the migration",
        ),
        ("The bucket you tried to delete is not empty", "again"),
        (
            (
                "You can't create this secret because a secret with this name is already scheduled "
                "for deletion."
            ),
            "restore-secret",
        ),
        ("taskchat-dev-alarms already exists in stack arn:aws:...", "samconfig.toml"),
        ("CloudFormation did not receive a response from your Custom Resource.", "log group"),
        (
            "Your account must be verified before you can add new CloudFront resources.",
            "AWS Support",
        ),
        ("Rate exceeded (Service: Iam, Status Code: 400)", "in a minute"),
    ],
)
def test_a_known_failure_comes_with_advice(reason: str, advised: str) -> None:
    assert advised in advice_on(reason)


def test_nothing_is_advised_where_nothing_is_known() -> None:
    assert advice_on("Internal Failure") == ""
