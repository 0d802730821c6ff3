"""What the program must know of a template before it is sent: its parameters."""

from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms (`!Ref x`) as if they were not there."""


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
    """The template's parameters with their defaults, empty for those that have none."""
    parsed = yaml.load(template.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    parameters = parsed.get("Parameters", {})
    return {name: str(declared.get("Default", "")) for name, declared in parameters.items()}
