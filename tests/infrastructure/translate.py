"""The built template as CloudFormation gets it from SAM. Run by the tools' own Python:

    python translate.py TEMPLATE < '{"Parameter": "value"}'

Prints the translated template as JSON, its conditions not yet decided.
"""

import json
import sys

from samcli.yamlhelper import parse_yaml_file
from samtranslator.translator.transform import transform


class _Policies:
    """AWS's managed policies, by name; the translator wants their ARNs."""

    def load(self) -> dict[str, str]:
        return {
            "AWSXRayDaemonWriteAccess": "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess",
        }


template = parse_yaml_file(sys.argv[1])
for resource in template["Resources"].values():
    properties = resource.get("Properties", {})
    # `sam package` puts S3 addresses there; the translator refuses paths.
    for name in ("CodeUri", "ContentUri"):
        if name in properties:
            properties[name] = f"s3://bucket/{properties[name]}"
given = json.load(sys.stdin)
defaults = {
    name: parameter["Default"]
    for name, parameter in template["Parameters"].items()
    if "Default" in parameter
}
values = {**defaults, **given, "AWS::Region": "eu-central-1", "AWS::Partition": "aws"}
print(json.dumps(transform(template, values, _Policies())))
