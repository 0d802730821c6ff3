"""The bucket of attached files: closed to all but signed URLs and the functions that need it."""

import json
from functools import cache
from typing import Any

import pytest

from tests.infrastructure.templates import STACK, read_template, statements, translate

FILES = {"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}


@cache
def application(bucket_name: str) -> Any:
    return translate(STACK | {"AttachmentsBucket": bucket_name})["Resources"]


def s3_actions(resources: Any, function: str) -> dict[str, set[str]]:
    """What the function's role may do in S3, by area."""
    found: dict[str, set[str]] = {}
    for _, statement in statements({"role": resources[f"{function}Role"]}):
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            if action.startswith("s3:"):
                place = json.dumps(statement["Resource"])
                found.setdefault(action, set()).add(place)
    return found


def test_nobody_reads_it_without_a_signature_and_tls() -> None:
    resources = read_template("attachments.yaml")["Resources"]
    properties = resources["Bucket"]["Properties"]
    assert all(properties["PublicAccessBlockConfiguration"].values())
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    (statement,) = resources["TlsOnly"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_what_is_deleted_is_gone_and_what_is_not_sent_expires() -> None:
    properties = read_template("attachments.yaml")["Resources"]["Bucket"]["Properties"]
    assert "VersioningConfiguration" not in properties
    expiring = {
        rule["Prefix"]: rule["ExpirationInDays"]
        for rule in properties["LifecycleConfiguration"]["Rules"]
        if "ExpirationInDays" in rule
    }
    assert expiring == {"unsent/": 1}


def test_openais_element_and_our_pages_upload_and_nobody_else() -> None:
    (rule,) = read_template("attachments.yaml")["Resources"]["Bucket"]["Properties"][
        "CorsConfiguration"
    ]["CorsRules"]
    assert rule["AllowedMethods"] == ["PUT"]
    assert rule["AllowedHeaders"] == ["content-type"]
    origins = rule["AllowedOrigins"]["Fn::Split"][1]["Fn::Join"][1]
    assert origins == [
        "https://cdn.platform.openai.com",
        {"Fn::If": ["HasPage", {"Ref": "PageUrl"}, {"Ref": "AWS::NoValue"}]},
        {"Fn::If": ["HasOrigins", {"Ref": "AllowedOrigins"}, {"Ref": "AWS::NoValue"}]},
    ]


@pytest.mark.parametrize(
    ("function", "actions"),
    [
        ("ChatKitFunction", FILES | {"s3:ListBucket"}),
        ("ApiFunction", {"s3:DeleteObject"}),
        ("MaintenanceFunction", {"s3:DeleteObject"}),
        ("McpFunction", set()),
        ("MigrateFunction", set()),
    ],
)
def test_a_function_may_do_what_it_does(function: str, actions: set[str]) -> None:
    allowed = s3_actions(application("attachments"), function)
    assert set(allowed) == actions
    for action in FILES & allowed.keys():
        (places,) = allowed[action]
        assert "/unsent/*" in places
        assert "/sent/*" in places


def test_without_a_bucket_no_role_knows_of_one() -> None:
    resources = application("")
    for function in ("ChatKitFunction", "ApiFunction", "MaintenanceFunction"):
        assert s3_actions(resources, function) == {}
