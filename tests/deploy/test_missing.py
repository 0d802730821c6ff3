"""What stands in for parts that the emulator lacks is needed, and no more."""

import json
import subprocess
from typing import TypedDict

import pytest

from tests.support.builds import ROOT

TEMPLATES = "\n".join(
    path.read_text() for path in (ROOT / "template.yaml", *ROOT.glob("infra/*.yaml"))
)
LIST = """
import json
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS
from tests.deploy.aws.missing import MISSING, MISSING_ATTRIBUTES
print(json.dumps({
    "known": list(_RESOURCE_HANDLERS),
    "types": list(MISSING),
    "attributes": [[kind, attribute] for kind, attribute, _value in MISSING_ATTRIBUTES],
}))
"""


class Listed(TypedDict):
    known: list[str]
    types: list[str]
    attributes: list[tuple[str, str]]


@pytest.fixture(scope="module")
def listed() -> Listed:
    done = subprocess.run(
        [".venv-ministack/bin/python", "-c", LIST], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    found: Listed = json.loads(done.stdout)
    return found


def test_no_type_is_replaced_that_the_emulator_knows(listed: Listed) -> None:
    assert set(listed["types"]) & set(listed["known"]) == set()


def test_each_type_that_is_replaced_is_used(listed: Listed) -> None:
    assert {kind for kind in listed["types"] if f"Type: {kind}\n" not in TEMPLATES} == set()


def test_each_attribute_that_is_added_is_used(listed: Listed) -> None:
    assert [name for _kind, name in listed["attributes"] if f".{name}" not in TEMPLATES] == []
