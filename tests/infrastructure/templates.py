"""Templates as CloudFormation would see them with given parameters: conditions decided."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.builds import HOST, ROOT, TOOLS, built

INFRA = ROOT / "infra"
NESTED = (
    "network",
    "database",
    "auth",
    "attachments",
    "data",
    "waf",
    "edge",
    "rest-api",
    "observability",
)
URL_ACTIONS = ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")

STACK = {
    "AttachmentsBucket": "attachments",
    "DatabaseHost": "proxy.example.com",
    "DatabaseInstanceHost": "instance.example.com",
    "DatabaseInstanceId": "instance",
    "DatabaseResourceId": "db-ABC",
    "DatabaseSecretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:database",
    "GeminiApiKeySecretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key",
    "JwtAudience": "client",
    "JwtIssuer": "https://issuer.example.com",
    "JwtJwksUrl": "https://issuer.example.com/keys",
    "SecurityGroupIds": "sg-1",
    "SubnetIds": "subnet-1,subnet-2",
}
"""What the data stack hands on."""

_DROP = object()


@cache
def read_template(name: str) -> Any:
    """A template of infra/, its short forms (`!Ref`) written out."""
    return _read(INFRA / name)


@cache
def read_application() -> Any:
    """The application's template, likewise."""
    return _read(ROOT / "template.yaml")


def _read(path: Path) -> Any:
    code = (
        "import json, sys; from samcli.yamlhelper import parse_yaml_file; "
        "print(json.dumps(parse_yaml_file(sys.argv[1]), default=str))"
    )
    return json.loads(_run("-c", code, str(path)))


def translate(parameters: Mapping[str, str]) -> Any:
    """The application's template, transformed by SAM and decided for the parameters."""
    script = Path(__file__).with_name("translate.py")
    template = built(HOST) / "template.json"
    translated = json.loads(_run(str(script), str(template), given=json.dumps(parameters)))
    return decide(translated, parameters)


def _run(*arguments: str, given: str = "") -> str:
    done = subprocess.run(
        [TOOLS / "bin/python", *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env={"AWS_DEFAULT_REGION": "eu-central-1", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def decide(template: Any, parameters: Mapping[str, str]) -> Any:
    """The template without what its conditions leave out, and `Ref` of parameters replaced."""
    return _Decision(template, parameters).of(template)


class _Decision:
    def __init__(self, template: Any, given: Mapping[str, str]) -> None:
        self._values = {
            name: given.get(name, str(parameter.get("Default", f"<{name}>")))
            for name, parameter in template.get("Parameters", {}).items()
        }
        self._conditions = template.get("Conditions", {})

    def of(self, template: Any) -> Any:
        resources = {
            name: self._resolve(resource)
            for name, resource in template["Resources"].items()
            if self._holds(resource.get("Condition", True))
        }
        return {**template, "Resources": resources}

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [item for raw in value if (item := self._resolve(raw)) is not _DROP]
        if not isinstance(value, dict):
            return value
        if value == {"Ref": "AWS::NoValue"}:
            return _DROP
        if value.keys() == {"Ref"}:
            return self._values.get(value["Ref"], value)
        if value.keys() == {"Fn::If"}:
            condition, then, otherwise = value["Fn::If"]
            return self._resolve(then if self._holds(condition) else otherwise)
        pairs = ((key, self._resolve(item)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not _DROP}

    def _holds(self, condition: Any) -> bool:
        match condition:
            case bool():
                return condition
            case str(name) | {"Condition": str(name)}:
                return self._holds(self._conditions[name])
            case {"Fn::Equals": [left, right]}:
                return self._text(left) == self._text(right)
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
            case {"Fn::And": parts}:
                return all(map(self._holds, parts))
            case {"Fn::Or": parts}:
                return any(map(self._holds, parts))
        raise ValueError(f"not a condition: {condition}")

    def _text(self, value: Any) -> str:
        value = self._resolve(value)
        if isinstance(value, dict) and value.keys() == {"Fn::Join"}:
            separator, parts = value["Fn::Join"]
            return parts if isinstance(parts, str) else str(separator.join(map(self._text, parts)))
        return str(value)


def of_type(resources: Any, kind: str) -> dict[str, Any]:
    return {
        name: resource.get("Properties", {})
        for name, resource in resources.items()
        if resource["Type"] == kind
    }


def statements(resources: Any) -> Iterator[tuple[str, Any]]:
    """Every statement of every policy, with the resource that it belongs to."""
    for name, resource in resources.items():
        found = [resource]
        while found:
            part = found.pop()
            if isinstance(part, dict):
                if "Effect" in part and "Action" in part:
                    yield name, part
                found.extend(part.values())
            elif isinstance(part, list):
                found.extend(part)
