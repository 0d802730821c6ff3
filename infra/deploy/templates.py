"""Reads a template's parameters."""

from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """A loader that ignores the tags of CloudFormation's short forms (`!Ref x`)."""


def _construct(loader: _Loader, _suffix: str, node: yaml.Node) -> Any:
    match node:
        case yaml.ScalarNode():
            return loader.construct_scalar(node)
        case yaml.SequenceNode():
            return loader.construct_sequence(node)
        case yaml.MappingNode():
            return loader.construct_mapping(node)
    return None


_Loader.add_multi_constructor("!", _construct)


def declared_parameters(template: Path) -> dict[str, str]:
    """Return the template's parameters with their defaults, empty if there is none."""
    parsed = yaml.load(template.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
    parameters = parsed.get("Parameters", {})
    return {name: str(declared.get("Default", "")) for name, declared in parameters.items()}
