"""Stacks that others left in a bad state, or are at work on, against the emulator."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from infra.deploy import stacks
from infra.deploy.errors import DeployError
from infra.deploy.progress import Progress, Step
from infra.deploy.stacks import Stack
from infra.deploy.target import Target
from tests.deploy.emulated import EmulatedAws

# Answers with the failure that the test wrote into a file, and as long as there is one named
# `wait` not at all.
FUNCTION = """
import json, os, time, urllib.request

def handler(event, context):
    folder = event["ResourceProperties"]["Folder"]
    while os.path.exists(os.path.join(folder, "wait")):
        time.sleep(0.05)
    path = os.path.join(folder, event["RequestType"])
    reason = open(path).read() if os.path.exists(path) else ""
    answer = {
        "Status": "FAILED" if reason else "SUCCESS",
        "Reason": reason,
        "PhysicalResourceId": "faulty",
        **{key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")},
    }
    urllib.request.urlopen(
        urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
    )
"""


class Notes(Step):
    """A step whose notes are kept, and given to `on_note`."""

    def __init__(self) -> None:
        super().__init__(Progress(), "test")
        self.said: list[str] = []
        self.on_note: Callable[[str], None] = lambda _text: None

    def note(self, text: str) -> None:
        self.said.append(text)
        self.on_note(text)


@pytest.fixture
def step() -> Notes:
    return Notes()


@pytest.fixture(scope="module")
def function(aws: EmulatedAws) -> Iterator[str]:
    """The ARN of the function, which is in a stack of its own."""
    stack = Stack(aws.client("cloudformation"), "function")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    resources = {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [trust | {"Action": "sts:AssumeRole"}],
                }
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"ZipFile": FUNCTION},
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Runtime": "python3.13",
                "Timeout": 60,
            },
        },
    }
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Function", "Arn"]}}}
    template = json.dumps({"Resources": resources, "Outputs": outputs})
    stack.deploy(Target(template, frozenset(), {}, {}), Notes())
    yield stack.outputs()["Arn"]
    stack.delete(Notes())


@pytest.fixture
def stack(aws: EmulatedAws, tmp_path: Path, step: Notes) -> Iterator[Stack]:
    """A stack whose resource fails as the files in `tmp_path` tell."""
    stack = Stack(aws.client("cloudformation"), f"stack-{uuid4().hex}")
    yield stack
    for file in tmp_path.iterdir():
        file.unlink()
    stack.delete(step)


@pytest.fixture
def target(function: str, tmp_path: Path) -> Callable[..., Target]:
    """What the stack is to become: its one resource in this version."""

    def make(version: int, name: str = "Faulty") -> Target:
        properties = {"ServiceToken": function, "Folder": str(tmp_path), "Version": version}
        resources = {name: {"Type": "Custom::Faulty", "Properties": properties}}
        return Target(json.dumps({"Resources": resources}), frozenset(), {}, {})

    return make


def test_a_roll_back_that_failed_is_explained_and_finished_by_the_next_deployment(
    stack: Stack, step: Notes, tmp_path: Path, target: Callable[..., Target]
) -> None:
    stack.deploy(target(1), step)
    (tmp_path / "Update").write_text("The other end is away.")

    with pytest.raises(DeployError, match="is UPDATE_ROLLBACK_FAILED") as told:
        stack.deploy(target(2), step)
    assert "Faulty (Custom::Faulty): The other end is away." in told.value.message
    assert "run the same command again" in told.value.advice
    assert f"--stack-name {stack.name} --resources-to-skip Faulty" in told.value.advice

    with pytest.raises(DeployError, match="is UPDATE_ROLLBACK_FAILED") as told:
        stack.deploy(target(2), step)
    assert "--resources-to-skip Faulty" in told.value.advice

    (tmp_path / "Update").unlink()
    assert stack.deploy(target(2), step)
    assert f"{stack.name} was not rolled back to its end: continuing that first" in step.said
    assert stack.status() == "UPDATE_COMPLETE"


def test_the_deployment_of_somebody_else_is_waited_for(
    aws: EmulatedAws, stack: Stack, step: Notes, tmp_path: Path, target: Callable[..., Target]
) -> None:
    (tmp_path / "wait").touch()
    aws.client("cloudformation").create_stack(
        StackName=stack.name,
        TemplateBody=target(1).template,
        Capabilities=["CAPABILITY_IAM"],
    )
    step.on_note = lambda _text: (tmp_path / "wait").unlink(missing_ok=True)

    assert stack.deploy(target(2), step)

    assert step.said[0] == f"{stack.name} is CREATE_IN_PROGRESS: waiting for it to end"
    assert stack.status() == "UPDATE_COMPLETE"


def test_network_interfaces_that_linger_are_waited_for(
    stack: Stack,
    step: Notes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    target: Callable[..., Target],
) -> None:
    monkeypatch.setattr(stacks, "_SECONDS_BETWEEN_DELETIONS", 0.0)
    stack.deploy(target(1), step)
    (tmp_path / "Delete").write_text("resource sg-0123456789abcdef0 has a dependent object")

    def give_back(text: str) -> None:
        if text.endswith("trying again"):
            (tmp_path / "Delete").unlink()

    step.on_note = give_back
    stack.delete(step)

    assert stack.status() == ""
    assert not (tmp_path / "Delete").exists()


def test_another_failure_of_a_deletion_is_told(
    stack: Stack, step: Notes, tmp_path: Path, target: Callable[..., Target]
) -> None:
    stack.deploy(target(1), step)
    (tmp_path / "Delete").write_text("It is not mine.")

    with pytest.raises(DeployError, match=r"Faulty \(Custom::Faulty\): It is not mine\."):
        stack.delete(step)


def test_a_person_agrees_to_changes_of_what_was_there_before(
    aws: EmulatedAws,
    stack: Stack,
    step: Notes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    target: Callable[..., Target],
) -> None:
    def careful() -> Stack:
        return Stack(aws.client("cloudformation"), stack.name, ask_before_changes=True)

    monkeypatch.delenv("YES", raising=False)
    first = careful()
    assert first.deploy(target(1), step)
    assert first.deploy(target(2), step)

    with pytest.raises(DeployError, match=f"This changes {stack.name}") as told:
        careful().deploy(target(3, "Other"), step)
    assert told.value.advice == "Set YES=1."
    assert {"add Other (Custom::Faulty)", "remove Faulty (Custom::Faulty)"} <= set(step.said)
    assert not careful().deploy(target(2), step)

    monkeypatch.setenv("YES", "1")
    assert careful().deploy(target(3, "Other"), step)
