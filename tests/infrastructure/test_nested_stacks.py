"""The templates of infra/, and what all stacks together cost when nobody uses them."""

import hashlib
import json
import re
from typing import Any

from tests.infrastructure.templates import (
    INFRA,
    NESTED,
    STACK,
    URL_ACTIONS,
    decide,
    of_type,
    read_template,
    translate,
)
from tests.simulation import prices
from tests.support.builds import ROOT


def test_the_database_is_nowhere_public() -> None:
    network = read_template("network.yaml")["Resources"]
    database = read_template("database.yaml")["Resources"]
    instance = database["Instance"]["Properties"]
    ingress = of_type(network, "AWS::EC2::SecurityGroupIngress").values()

    assert instance["PubliclyAccessible"] is False
    assert instance["StorageEncrypted"] is True
    assert instance["EnableIAMDatabaseAuthentication"] is True
    assert instance["ManageMasterUserPassword"] is True
    assert database["ParameterGroup"]["Properties"]["Parameters"]["rds.force_ssl"] == "1"
    assert all("SourceSecurityGroupId" in rule for rule in ingress)
    assert not any("CidrIp" in rule or "CidrIpv6" in rule for rule in ingress)
    groups = of_type(network, "AWS::EC2::SecurityGroup").values()
    assert not any("SecurityGroupIngress" in group for group in groups)
    private = decide(read_template("network.yaml"), {"Egress": "Ipv6"})["Resources"]
    assert not of_type(private, "AWS::EC2::InternetGateway")


def test_what_people_wrote_outlives_the_stack() -> None:
    instance = read_template("database.yaml")["Resources"]["Instance"]

    assert instance["DeletionPolicy"] == instance["UpdateReplacePolicy"] == "Snapshot"
    protected = decide(read_template("database.yaml"), {"DeletionProtection": "on"})
    assert protected["Resources"]["Instance"]["Properties"]["DeletionProtection"] is True


def test_the_chat_is_never_compressed_and_nothing_of_the_functions_is_cached() -> None:
    edge = read_template("edge.yaml")["Resources"]
    behaviors = edge["Distribution"]["Properties"]["DistributionConfig"]["CacheBehaviors"]
    chat = next(one for one in behaviors if one["TargetOriginId"] == "chat")

    assert behaviors[0] is chat
    assert chat["PathPattern"] == "/api/chatkit"
    assert chat["Compress"] is False
    caching_disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert {one["CachePolicyId"] for one in behaviors} == {caching_disabled}


def test_the_edge_alone_may_call_the_functions_behind_it() -> None:
    edge = read_template("edge.yaml")["Resources"]
    permissions = of_type(edge, "AWS::Lambda::Permission").values()

    assert {(p["FunctionName"]["Ref"], p["Action"]) for p in permissions} == {
        (alias, action) for alias in ("ChatAlias", "ApiAlias") for action in URL_ACTIONS
    }
    assert all("SourceArn" in permission for permission in permissions)


def test_mcp_clients_reach_their_function_at_the_pages_address() -> None:
    edge = read_template("edge.yaml")["Resources"]
    config = edge["Distribution"]["Properties"]["DistributionConfig"]
    origin = next(one for one in config["Origins"] if one["Id"] == "mcp")
    patterns = [
        one["PathPattern"] for one in config["CacheBehaviors"] if one["TargetOriginId"] == "mcp"
    ]

    assert patterns == ["/mcp", "/.well-known/oauth-protected-resource*"]
    assert "OriginAccessControlId" not in origin


def test_the_second_front_door_streams_the_chat() -> None:
    api = read_template("rest-api.yaml")["Resources"]
    integration = api["ChatMethod"]["Properties"]["Integration"]

    assert integration["ResponseTransferMode"] == "STREAM"
    assert integration["TimeoutInMillis"] > 29_000
    uri = integration["Uri"]["Fn::Sub"]
    assert "2021-11-15" in uri
    assert uri.endswith("/response-streaming-invocations")
    assert of_type(api, "AWS::ApiGateway::UsagePlan")


def path_of(resource: Any, resources: Any) -> str:
    """The path of a resource of API Gateway's."""
    if "ResourceId" in resource:
        resource = resources[resource["ResourceId"]["Ref"]]["Properties"]
    parent = resource["ParentId"]
    above = path_of(resources[parent["Ref"]]["Properties"], resources) if "Ref" in parent else ""
    return f"{above}/{resource['PathPart']}"


def test_the_second_front_door_leads_to_the_functions_as_the_edge_does() -> None:
    api = read_template("rest-api.yaml")["Resources"]
    ways = {
        path_of(method, api): re.findall(
            r"functions/\$\{(\w+)\}", method["Integration"]["Uri"]["Fn::Sub"]
        )
        for method in of_type(api, "AWS::ApiGateway::Method").values()
    }
    permitted = [
        one["FunctionName"]["Ref"] for one in of_type(api, "AWS::Lambda::Permission").values()
    ]

    assert ways == {
        "/api/chatkit": ["ChatAlias"],
        "/api/{proxy+}": ["ApiAlias"],
        "/{proxy+}": ["ApiAlias"],
        "/mcp": ["McpAlias"],
        "/.well-known/{proxy+}": ["McpAlias"],
    }
    assert sorted(permitted) == ["ApiAlias", "ChatAlias", "McpAlias"]


def test_who_issues_tokens_is_told_to_clients_that_have_no_key_yet() -> None:
    api = read_template("rest-api.yaml")["Resources"]
    open_to_all = {
        path_of(method, api)
        for method in of_type(api, "AWS::ApiGateway::Method").values()
        if not method["ApiKeyRequired"]
    }

    assert open_to_all == {"/.well-known/{proxy+}"}


def test_a_changed_method_of_the_second_front_door_is_deployed() -> None:
    api = read_template("rest-api.yaml")["Resources"]
    methods = of_type(api, "AWS::ApiGateway::Method")
    digest = hashlib.sha256(json.dumps(methods, sort_keys=True).encode()).hexdigest()[:8]

    # A deployment is a snapshot: one that keeps its name keeps the methods that it was made with.
    assert list(of_type(api, "AWS::ApiGateway::Deployment")) == [f"Deployment{digest}"]


def test_another_sites_page_may_use_each_method_that_the_api_knows() -> None:
    resources = translate(STACK | {"AllowedOrigins": "https://page.example.com"})["Resources"]
    urls = {
        name: url
        for name, url in of_type(resources, "AWS::Lambda::Url").items()
        if not name.startswith("Mcp")  # no page calls it
    }

    assert len(urls) == 2
    for url in urls.values():
        # With credentials a browser takes "*" for the name of a method.
        assert {"GET", "HEAD", "POST", "PATCH", "DELETE"} == set(url["Cors"]["AllowMethods"])
        assert url["Cors"]["AllowCredentials"] is True


def test_the_database_may_begin_with_any_size() -> None:
    sizes = {"Storage": "500", "MaxStorage": "1000"}
    instance = decide(read_template("database.yaml"), sizes)["Resources"]["Instance"]["Properties"]
    handed_on = read_template("data.yaml")["Resources"]["Database"]["Properties"]["Parameters"]

    assert instance["AllocatedStorage"] == "500"
    assert instance["MaxAllocatedStorage"] == "1000"
    assert handed_on["MaxStorage"] == {"Ref": "DatabaseMaxStorage"}


def test_an_idle_deployment_costs_at_most_thirty_dollars_a_month() -> None:
    resources = translate(STACK)["Resources"]
    for name in NESTED:
        if name != "rest-api":
            resources = resources | {
                f"{name}/{key}": value
                for key, value in decide(read_template(f"{name}.yaml"), {})["Resources"].items()
            }
    instance = resources["database/Instance"]["Properties"]
    alarms = of_type(resources, "AWS::CloudWatch::Alarm")
    dashboards = of_type(resources, "AWS::CloudWatch::Dashboard")
    bill = {
        "instance": prices.RDS_HOUR[instance["DBInstanceClass"]] * prices.HOURS,
        "storage": float(instance["AllocatedStorage"]) * prices.RDS_GP3_GB,
        # The model's key, and the master user's password, which RDS keeps.
        "secrets": 2 * prices.SECRET,
        "alarms": max(0, len(alarms) - prices.FREE["alarms"]) * prices.ALARM,
        "dashboards": max(0, len(dashboards) - prices.FREE["dashboards"]) * prices.DASHBOARD,
        "NAT gateways": len(of_type(resources, "AWS::EC2::NatGateway")) * prices.NAT_GATEWAY,
        "firewalls": len(of_type(resources, "AWS::WAFv2::WebACL")) * prices.WAF_ACL,
        "proxies": len(of_type(resources, "AWS::RDS::DBProxy")) * prices.RDS_PROXY,
    }

    assert 20 < sum(bill.values()) <= 30, bill


def test_no_template_names_an_account_or_a_region() -> None:
    for path in (ROOT / "template.yaml", *INFRA.glob("*.yaml")):
        assert not re.search(r"\b\d{12}\b", path.read_text()), path
        found = re.findall(r"\b[a-z]{2}-[a-z]+-\d\b", path.read_text())
        assert set(found) <= {"us-east-1"}, path
