"""Reads the functions of a built template, with its parameters at their defaults."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local.emulator.specification import FunctionSpec

FUNCTION, LAYER = "AWS::Serverless::Function", "AWS::Serverless::LayerVersion"
_NO_VALUE = {"Ref": "AWS::NoValue"}
_REFERENCE = re.compile(r"\$\{([^!}]+)\}")

Routes = Mapping[str, tuple[str, ...]]


def read_functions(build: Path, routes: Routes) -> list[FunctionSpec]:
    """Return the functions named in `routes`, each with its routes, from a build folder.

    Values that only AWS knows, such as a resource's id, stay as their logical names.
    """
    template = json.loads((build / "template.json").read_text())
    resolver = _Resolver(template)
    return [
        _function(name, paths, template, resolver, build)
        for name, paths in routes.items()
        if template["Resources"].get(name, {}).get("Type") == FUNCTION
    ]


def _function(
    name: str, routes: tuple[str, ...], template: Any, resolver: "_Resolver", build: Path
) -> FunctionSpec:
    own = resolver.resolve(template["Resources"][name]["Properties"])
    shared = resolver.resolve(template.get("Globals", {}).get("Function", {}))
    # SAM merges the two like this: lists are joined, and the function's own settings win.
    layers = [*shared.get("Layers", []), *own.get("Layers", [])]
    variables = {
        **shared.get("Environment", {}).get("Variables", {}),
        **own.get("Environment", {}).get("Variables", {}),
    }
    concurrency = own.get("ReservedConcurrentExecutions")
    url = own.get("FunctionUrlConfig", {})
    return FunctionSpec(
        name=name,
        handler=own["Handler"],
        task_root=build / own["CodeUri"],
        layers=tuple(
            build / template["Resources"][layer]["Properties"]["ContentUri"] for layer in layers
        ),
        environment={key: str(value) for key, value in variables.items()},
        memory_mb=int(own.get("MemorySize", shared.get("MemorySize", 128))),
        timeout_seconds=int(own.get("Timeout", shared.get("Timeout", 3))),
        reserved_concurrency=None if concurrency is None else int(concurrency),
        streaming=url.get("InvokeMode") == "RESPONSE_STREAM",
        routes=routes if url else (),
    )


class _Resolver:
    """Evaluates the CloudFormation functions that our functions' properties use."""

    def __init__(self, template: Any) -> None:
        self._parameters = {
            name: parameter.get("Default", name)
            for name, parameter in template.get("Parameters", {}).items()
        }
        self._conditions = template.get("Conditions", {})
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._reference,
            "Fn::GetAtt": ".".join,
            "Fn::If": lambda parts: self.resolve(self._choose(*parts)),
            "Fn::Join": self._join,
            "Fn::Sub": self._substitute,
        }

    def resolve(self, value: Any) -> Any:
        """Return the value with all CloudFormation functions in it evaluated."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value if self._chosen(item) != _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name in self._functions:
                return self._functions[name](argument)
        return {
            key: self.resolve(item)
            for key, item in value.items()
            if self._chosen(item) != _NO_VALUE
        }

    def _reference(self, name: str) -> Any:
        return self._parameters.get(name, name)

    def _substitute(self, text: str) -> str:
        return _REFERENCE.sub(lambda found: str(self._reference(found[1])), text)

    def _join(self, argument: list[Any]) -> str:
        separator, parts = argument
        resolved = self.resolve(parts)
        # A CommaDelimitedList's default is one string.
        return resolved if isinstance(resolved, str) else separator.join(resolved)

    def _chosen(self, value: Any) -> Any:
        """Return the value, or the one that `Fn::If` chooses."""
        while isinstance(value, dict) and value.keys() == {"Fn::If"}:
            value = self._choose(*value["Fn::If"])
        return value

    def _choose(self, condition: str, then: Any, otherwise: Any) -> Any:
        return then if self._holds(condition) else otherwise

    def _holds(self, condition: Any) -> bool:
        match condition:
            case str(name) | {"Condition": str(name)}:
                return self._holds(self._conditions[name])
            case {"Fn::Equals": [left, right]}:
                return str(self.resolve(left)) == str(self.resolve(right))
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
            case {"Fn::And": parts}:
                return all(self._holds(part) for part in parts)
            case {"Fn::Or": parts}:
                return any(self._holds(part) for part in parts)
            case _:
                raise ValueError(f"not a condition: {condition}")
