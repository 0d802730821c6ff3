"""Makes SAM publish a new version of a function whenever anything changes that it is made from.

By itself, SAM publishes a version only when the text of the function's properties changes. It
overlooks new values of parameters (serverless-application-model issue 3820) and new content of a
layer, so the alias `live` would stay on the old ones. This module puts all of these into one
digest, which SAM uses in place of the code's digest.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

_FUNCTION, _LAYER = "AWS::Serverless::Function", "AWS::Serverless::LayerVersion"
_WORD = re.compile(r"\w+")


def mark_releases(template: dict[str, Any], parameters: Mapping[str, str]) -> None:
    """Add to each function of the packaged template a digest of everything it is made from.

    `parameters` are the values of this deployment; missing ones have the template's defaults.
    """
    values = {name: str(told.get("Default", "")) for name, told in template["Parameters"].items()}
    # CloudFormation returns asterisks for every NoEcho parameter, even an empty one.
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
    """Return a digest of the parts and of the conditions and parameter values that they name."""
    text = json.dumps(parts, sort_keys=True)
    named: dict[str, Any] = {}
    while found := set(_WORD.findall(text)) & conditions.keys() - named.keys():
        named |= {name: conditions[name] for name in found}
        text += json.dumps(named, sort_keys=True)
    words = set(_WORD.findall(text))
    used = {name: value for name, value in values.items() if name in words}
    return hashlib.sha256((text + json.dumps(used, sort_keys=True)).encode()).hexdigest()
