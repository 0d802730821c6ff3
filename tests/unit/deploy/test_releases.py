"""A function is published anew for what makes it another function, and for nothing else."""

from typing import Any

import pytest

from infra.deploy.releases import mark_releases


def digests(model: str = "a", colour: str = "a", edge: str = "off", layer: str = "1") -> list[str]:
    template: dict[str, Any] = {
        "Parameters": {
            "Model": {"Default": "a"},
            "Colour": {"Default": "a"},
            "Edge": {"Default": "off"},
        },
        "Conditions": {
            "HasEdge": {"Fn::Not": [{"Condition": "IsBare"}]},
            "IsBare": {"Fn::Equals": [{"Ref": "Edge"}, "off"]},
        },
        "Globals": {"Function": {"Environment": {"Variables": {"MODEL": {"Ref": "Model"}}}}},
        "Resources": {
            "Layer": {
                "Type": "AWS::Serverless::LayerVersion",
                "Properties": {"ContentUri": f"s3://bucket/{layer}"},
            },
            "Function": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "CodeUri": "s3://bucket/code",
                    "VpcConfig": {"Fn::If": ["HasEdge", {}, {"Ref": "AWS::NoValue"}]},
                },
            },
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"Tags": [{"Ref": "Colour"}]}},
        },
    }
    mark_releases(template, {"Model": model, "Colour": colour, "Edge": edge})
    assert "AutoPublishCodeSha256" not in template["Resources"]["Bucket"]["Properties"]
    return [template["Resources"]["Function"]["Properties"]["AutoPublishCodeSha256"]]


@pytest.mark.parametrize("change", [{"model": "b"}, {"edge": "on"}, {"layer": "2"}])
def test_another_value_condition_or_layer_is_another_release(change: dict[str, str]) -> None:
    assert digests(**change) != digests()


def test_a_value_that_cloudformation_does_not_tell_is_none() -> None:
    assert digests(model="****") == digests()


def test_what_the_function_does_not_use_is_none() -> None:
    assert digests(colour="b") == digests()
