"""Types of resources that the emulator lacks, and what stands in for each: a name, and no more.

A test keeps this list as short as it can be: each type is used by a template, and unknown to the
emulator.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

MISSING: Mapping[str, Mapping[str, Any]] = {
    "AWS::Cognito::ManagedLoginBranding": {},
    "AWS::EC2::EgressOnlyInternetGateway": {"Id": "eigw-0123456789abcdef0"},
    "AWS::EC2::SecurityGroupEgress": {},
    "AWS::EC2::SecurityGroupIngress": {},
    "AWS::EC2::VPCCidrBlock": {},
}
"""The attributes of each type."""

MISSING_ATTRIBUTES: Sequence[tuple[str, str, Callable[[Mapping[str, Any]], Any]]] = [
    ("AWS::Cognito::UserPool", "ProviderURL", lambda found: f"https://{found['ProviderName']}"),
    ("AWS::EC2::VPC", "Ipv6CidrBlocks", lambda _found: ["2001:db8:1234:1a00::/56"]),
]
"""Attributes that the emulator lacks of types that it knows."""


def replace_missing() -> None:
    """Have CloudFormation accept the types. Raises `AssertionError` for one that is known."""
    for kind, attributes in MISSING.items():
        assert kind not in _RESOURCE_HANDLERS, f"{kind} is known by now: take it off the list"
        _RESOURCE_HANDLERS[kind] = {"create": _maker(attributes), "delete": _ignore}

    for kind, attribute, value in MISSING_ATTRIBUTES:
        handlers = _RESOURCE_HANDLERS[kind]
        for operation in ("create", "update"):
            handlers[operation] = _completed(handlers[operation], attribute, value)


def _completed(handle: Any, attribute: str, value: Callable[[Mapping[str, Any]], Any]) -> Any:
    def handle_completely(*arguments: Any) -> tuple[str, Any]:
        physical_id, found = handle(*arguments)
        assert attribute not in found, f"{attribute} is known by now: take it off the list"
        return physical_id, {**found, attribute: value(found)}

    return handle_completely


def _maker(attributes: Mapping[str, Any]) -> Any:
    def create(logical_id: str, _properties: Any, stack: str) -> tuple[str, dict[str, Any]]:
        return f"{stack}-{logical_id}", dict(attributes)

    return create


def _ignore(_physical_id: str, _properties: Any) -> None:
    pass
