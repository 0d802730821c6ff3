"""Deploys or deletes one CloudFormation stack, whatever state an earlier run left it in."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from botocore.exceptions import ClientError

from infra.deploy.advice import advice_on_failed_rollback, explained
from infra.deploy.changes import compare, describe_changes, says_no_changes
from infra.deploy.errors import DeployError
from infra.deploy.events import Event, read_events, root_causes, time_of_last_event
from infra.deploy.inputs import confirm
from infra.deploy.pauses import pauses
from infra.deploy.progress import Step
from infra.deploy.resources import read_resources
from infra.deploy.target import Target

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, StackTypeDef

_CAPABILITIES: list[Literal["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM"]] = [
    "CAPABILITY_AUTO_EXPAND",
    "CAPABILITY_IAM",
]

# A failed first creation leaves a stack that can only be deleted.
_DEAD = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
_REASONS = 5
_NETWORK_INTERFACES_SECONDS = 50 * 60.0
_SECONDS_BETWEEN_DELETIONS = 30.0


class Stack:
    """A stack of one name in one region. Its failures are `DeployError`s with their reason."""

    def __init__(
        self, cloudformation: "CloudFormationClient", name: str, *, ask_before_changes: bool = False
    ) -> None:
        self.name = name
        self._cloudformation = cloudformation
        self._ask_before_changes = ask_before_changes
        self._is_of_this_run = False
        """Whether this run created the stack, so that nobody depends on it yet."""

    # --- state ----------------------------------------------------------------------------------

    def status(self) -> str:
        """Return CloudFormation's status, or an empty string if the stack does not exist."""
        found = self._describe(self.name)
        return found["StackStatus"] if found else ""

    def outputs(self) -> dict[str, str]:
        """Return the outputs by name, or none if the stack does not exist."""
        found = self._describe(self.name)
        outputs = found.get("Outputs", []) if found else []
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def parameters(self) -> dict[str, str]:
        """Return the current parameters, or none if the stack does not exist."""
        found = self._describe(self.name)
        parameters = found.get("Parameters", []) if found else []
        return {item["ParameterKey"]: item.get("ParameterValue", "") for item in parameters}

    def resources(self) -> Iterator[tuple[str, str]]:
        """Yield type and physical id of each resource, including those of nested stacks."""
        yield from read_resources(self._cloudformation, self.name)

    # --- operations -----------------------------------------------------------------------------

    def deploy(self, target: Target, step: Step) -> bool:
        """Bring the stack to the target state. Tells whether anything changed."""
        self._make_ready(step)
        while True:
            change_set = self._create_change_set(target, step)
            if change_set is None:
                return False
            started = self._last_event()
            try:
                self._cloudformation.execute_change_set(
                    ChangeSetName=change_set, ClientRequestToken=uuid4().hex
                )
            except ClientError as error:
                # Somebody else changed the stack in the meantime: compare it again.
                if error.response["Error"]["Code"] not in {"InvalidChangeSetStatus", "Validation"}:
                    raise explained(str(error)) from error
                self._make_ready(step)
                continue
            self._follow(self.name, started, step)
            return True

    def update_parameters(self, parameters: Mapping[str, str], step: Step) -> None:
        """Change only these parameters."""
        self._make_ready(step)
        kept: list[ParameterTypeDef] = [
            {"ParameterKey": key, "UsePreviousValue": True}
            for key in self.parameters()
            if key not in parameters
        ]
        given: list[ParameterTypeDef] = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ]
        started = self._last_event()
        try:
            self._cloudformation.update_stack(
                StackName=self.name,
                UsePreviousTemplate=True,
                Parameters=kept + given,
                Capabilities=_CAPABILITIES,
            )
        except ClientError as error:
            if says_no_changes(str(error)):
                return
            raise explained(f"{self.name}: {error}") from error
        self._follow(self.name, started, step)

    def delete(self, step: Step) -> None:
        """Delete the stack. Waits for network interfaces that Lambda releases slowly."""
        found = self._describe(self.name)
        if found is None:
            return
        if found["StackStatus"].endswith("_IN_PROGRESS"):
            if found["StackStatus"] not in {"REVIEW_IN_PROGRESS", "DELETE_IN_PROGRESS"}:
                step.note(f"{self.name} is {found['StackStatus']}: waiting for it to end")
            self._wait(found["StackId"])
        give_up_at = time.monotonic() + _NETWORK_INTERFACES_SECONDS
        while True:
            started = self._last_event()
            self._cloudformation.delete_stack(StackName=self.name)
            try:
                self._follow(found["StackId"], started, step)
                return
            except DeployError as error:
                if "network interfaces" not in error.advice or time.monotonic() > give_up_at:
                    raise
                step.note(f"{self.name}: {error.advice.split('.')[0]}; trying again")
                time.sleep(_SECONDS_BETWEEN_DELETIONS)

    # --- steps of an operation ------------------------------------------------------------------

    def _make_ready(self, step: Step) -> None:
        """Bring the stack into a state in which it can be changed."""
        found = self._describe(self.name)
        if found is None:
            return
        stack_id: str = found["StackId"]
        status: str = found["StackStatus"]
        if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            step.note(f"{self.name} is {status}: waiting for it to end")
            status = self._wait(stack_id)
        if status in _DEAD:
            step.note(f"{self.name} is {status} after a failed attempt: creating it again")
            self.delete(step)
        elif status == "UPDATE_ROLLBACK_FAILED":
            step.note(f"{self.name} was not rolled back to its end: continuing that first")
            started = self._last_event()
            self._cloudformation.continue_update_rollback(StackName=self.name)
            self._follow(stack_id, started, step, good=("UPDATE_ROLLBACK_COMPLETE",))

    def _create_change_set(self, target: Target, step: Step) -> str | None:
        """Create a change set and return its id, or `None` if nothing changes."""
        found = self._describe(self.name)
        is_new = found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS"
        self._is_of_this_run = self._is_of_this_run or is_new
        previous = set() if is_new else set(self.parameters())
        try:
            change_set = self._cloudformation.create_change_set(
                StackName=self.name,
                ChangeSetName=f"deploy-{uuid4().hex}",
                ChangeSetType="CREATE" if is_new else "UPDATE",
                **target.template_argument(),
                Parameters=target.parameters_after(previous),
                Capabilities=_CAPABILITIES,
                Tags=[{"Key": key, "Value": value} for key, value in target.tags.items()],
            )["Id"]
        except ClientError as error:
            raise explained(f"{self.name}: {error.response['Error']['Message']}") from error
        return change_set if self._is_worth_executing(change_set, step) else None

    def _is_worth_executing(self, change_set: str, step: Step) -> bool:
        is_needed = compare(self._cloudformation, change_set, self.name)
        if is_needed and self._ask_before_changes and not self._is_of_this_run:
            for change in describe_changes(self._cloudformation, change_set):
                step.note(change)
            try:
                confirm(f"This changes {self.name}.", self.name)
            except DeployError:
                self._cloudformation.delete_change_set(ChangeSetName=change_set)
                raise
        return is_needed

    def _follow(self, stack: str, since: datetime, step: Step, good: tuple[str, ...] = ()) -> None:
        """Wait for the running operation; raises `DeployError` with the reason if it failed."""
        found = self._describe(stack)
        stack_id = found["StackId"] if found else stack
        seen: set[str] = set()

        def report() -> None:
            events = read_events(self._cloudformation, stack_id, since)
            _print([event for event in events if event.id not in seen], step)
            seen.update(event.id for event in events)

        status = self._wait(stack_id, report)
        good = good or ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE", "")
        if status in good:
            return
        causes = root_causes(read_events(self._cloudformation, stack_id, since))
        reasons = [f"{cause.resource} ({cause.type}): {cause.reason}" for cause in causes]
        message = "\n".join([f"{self.name} is {status}.", *reasons[:_REASONS]])
        if status == "UPDATE_ROLLBACK_FAILED":
            raise DeployError(message, advice_on_failed_rollback(self.name, causes))
        raise explained(message)

    def _wait(self, stack_id: str, report: Callable[[], None] = lambda: None) -> str:
        """Wait until nothing is in progress; returns the status, empty if the stack is deleted."""
        for pause in pauses():
            found = self._describe(stack_id)
            status = found["StackStatus"] if found else ""
            if status:
                report()
            if not status.endswith("_IN_PROGRESS") or status == "REVIEW_IN_PROGRESS":
                return status
            time.sleep(pause)
        raise AssertionError("unreachable")

    def _last_event(self) -> datetime:
        return time_of_last_event(self._cloudformation, self.name)

    def _describe(self, stack: str) -> "StackTypeDef | None":
        try:
            return self._cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise explained(str(error)) from error


def _print(events: list[Event], step: Step) -> None:
    for event in events:
        if event.failed and not event.is_consequence:
            step.note(f"{event.resource}: {event.status}: {event.reason}")
        elif event.status.endswith("_COMPLETE"):
            step.note(f"{event.resource}: {event.status}")
