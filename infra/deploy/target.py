"""What a stack is to become."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef


class _TemplateArgument(TypedDict, total=False):
    TemplateURL: str
    TemplateBody: str


@dataclass(frozen=True)
class Target:
    """What a stack is to become. Parameters without a value keep the one they had."""

    template: str
    """The template itself, or the URL where it was uploaded."""
    declared: frozenset[str]
    parameters: Mapping[str, str]
    tags: Mapping[str, str]

    def template_argument(self) -> _TemplateArgument:
        """The template as CloudFormation's calls take it."""
        if self.template.startswith(("https://", "http://")):
            return {"TemplateURL": self.template}
        return {"TemplateBody": self.template}

    def parameters_after(self, previous: Collection[str]) -> "list[ParameterTypeDef]":
        """The declared parameters for a stack that had those of the names `previous`."""
        parameters: list[ParameterTypeDef] = []
        for key in sorted(self.declared):
            if key in self.parameters:
                parameters.append({"ParameterKey": key, "ParameterValue": self.parameters[key]})
            elif key in previous:
                parameters.append({"ParameterKey": key, "UsePreviousValue": True})
        return parameters
