"""A new version of a function for everything that makes it another function.

SAM publishes one when the function's own properties change as they are written. It overlooks a
parameter that has another value (serverless-application-model issue 3820) and the content of a
layer, so the alias `live` would stay on the old ones. Here all of these go into one digest, which
SAM takes for the code's.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

_FUNCTION, _LAYER = "AWS::Serverless::Function", "AWS::Serverless::LayerVersion"
_WORD = re.compile(r"\w+")


def mark_releases(template: dict[str, Any], parameters: Mapping[str, str]) -> None:
    """Give each function of the packaged template a digest of all that it is made from.

    `parameters` are the values to come; those that are missing have the template's default.
    """
    values = {name: str(told.get("Default", "")) for name, told in template["Parameters"].items()}
    # Asterisks are all that CloudFormation tells of a NoEcho parameter, also of an empty one.
    values |= {name: value for name, value in parameters.items() if set(value) != {"*"}}
    layers = {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] == _LAYER
    }
    for resource in template["Resources"].values():
        if resource["Type"] == _FUNCTION:
            parts = [resource, template.get("Globals", {}), layers]
            digest = _digest(parts, values, template.get("Conditions", {}))
            resource["Properties"]["AutoPublishCodeSha256"] = digest


def _digest(parts: list[Any], values: Mapping[str, str], conditions: Mapping[str, Any]) -> str:
    """Of the parts, and of the conditions and the parameters' values that they name."""
    text = json.dumps(parts, sort_keys=True)
    named: dict[str, Any] = {}
    while found := set(_WORD.findall(text)) & conditions.keys() - named.keys():
        named |= {name: conditions[name] for name in found}
        text += json.dumps(named, sort_keys=True)
    words = set(_WORD.findall(text))
    used = {name: value for name, value in values.items() if name in words}
    return hashlib.sha256((text + json.dumps(used, sort_keys=True)).encode()).hexdigest()
