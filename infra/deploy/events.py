"""Reads CloudFormation's events of an operation and finds the causes of a failure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

NESTED = "AWS::CloudFormation::Stack"

# Reasons of resources that failed only because another one failed.
_CONSEQUENCES = (
    "Resource creation cancelled",
    "Resource creation Cancelled",
    "Resource update cancelled",
    "The following resource(s) failed",
    "Resource creation Initiated",
)


@dataclass(frozen=True)
class Event:
    """A resource's new state."""

    id: str
    resource: str
    """The logical id, with those of the nested stacks around it: `Database/Instance`."""
    type: str
    status: str
    reason: str
    physical_id: str
    at: datetime

    @property
    def failed(self) -> bool:
        """Whether this is a failure."""
        return self.status.endswith("_FAILED")

    @property
    def is_consequence(self) -> bool:
        """Whether it failed only because another resource failed."""
        return not self.reason or self.reason.startswith(_CONSEQUENCES)


def read_events(
    cloudformation: "CloudFormationClient", stack: str, since: datetime, prefix: str = ""
) -> list[Event]:
    """Return the stack's events after that time, including nested stacks', oldest first."""
    own = [_event(raw, prefix) for raw in _newest_first(cloudformation, stack, since)]
    own.reverse()
    nested = {
        event.physical_id: event.resource
        for event in own
        if event.type == NESTED and event.physical_id and not _is_itself(event, stack)
    }
    found = list(own)
    for physical_id, name in nested.items():
        found += read_events(cloudformation, physical_id, since, f"{name}/")
    return sorted(found, key=lambda event: event.at)


def time_of_last_event(cloudformation: "CloudFormationClient", stack: str) -> datetime:
    """Return the time of the stack's last event, by CloudFormation's clock."""
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return events[0]["Timestamp"] if events else datetime.min.replace(tzinfo=UTC)


def root_causes(events: list[Event]) -> list[Event]:
    """Return the failures that are not consequences of others, oldest first.

    A nested stack's own failure is left out if one of its resources gives the reason.
    """
    failures = [event for event in events if event.failed and not event.is_consequence]
    inner = [event for event in failures if event.type != NESTED]
    return inner or failures


def _newest_first(
    cloudformation: "CloudFormationClient", stack: str, since: datetime
) -> Iterator["StackEventTypeDef"]:
    for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack):
        for event in page["StackEvents"]:
            if event["Timestamp"] <= since:
                return
            yield event


def _event(raw: "StackEventTypeDef", prefix: str) -> Event:
    return Event(
        id=raw["EventId"],
        resource=prefix + raw.get("LogicalResourceId", ""),
        type=raw.get("ResourceType", ""),
        status=raw.get("ResourceStatus", ""),
        reason=raw.get("ResourceStatusReason", ""),
        physical_id=raw.get("PhysicalResourceId", ""),
        at=raw["Timestamp"],
    )


def _is_itself(event: Event, stack: str) -> bool:
    return event.physical_id == stack or event.physical_id.split("/")[1:2] == [stack]
