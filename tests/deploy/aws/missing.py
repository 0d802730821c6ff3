"""Types of resources that the emulator lacks, and what stands in for each: a name, and no more.

A test keeps this list as short as it can be: each type is used by a template, and unknown to the
emulator.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

MISSING: Mapping[str, Mapping[str, str]] = {
    "AWS::EC2::EIP": {"AllocationId": "eipalloc-0123456789abcdef0"},
    "AWS::EC2::EgressOnlyInternetGateway": {"Id": "eigw-0123456789abcdef0"},
    "AWS::EC2::NatGateway": {"NatGatewayId": "nat-0123456789abcdef0"},
    "AWS::EC2::SecurityGroupEgress": {},
    "AWS::EC2::SecurityGroupIngress": {},
    "AWS::EC2::VPCCidrBlock": {},
}
"""The attributes of each type."""


def replace_missing() -> None:
    """Have CloudFormation accept the types. Raises `AssertionError` for one that is known."""
    for kind, attributes in MISSING.items():
        assert kind not in _RESOURCE_HANDLERS, f"{kind} is known by now: take it off the list"
        _RESOURCE_HANDLERS[kind] = {"create": _maker(attributes), "delete": _ignore}


def _maker(attributes: Mapping[str, str]) -> Any:
    def create(logical_id: str, _properties: Any, stack: str) -> tuple[str, dict[str, str]]:
        return f"{stack}-{logical_id}", dict(attributes)

    return create


def _ignore(_physical_id: str, _properties: Any) -> None:
    pass
