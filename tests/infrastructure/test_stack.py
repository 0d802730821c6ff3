"""The whole stack, for each combination of the main parameters."""

import ast
import hashlib
import itertools
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from taskchat.metrics import NAMESPACE, Metric
from tests.infrastructure.templates import INFRA, decide, read_template, translate
from tests.simulation import prices
from tests.support.builds import ROOT

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

CHOICES = {
    "Edge": ("on", "off"),
    "FrontDoor": ("FunctionUrl", "RestApi"),
    "SnapStart": ("on", "off"),
    "GradualDeployment": ("true", "false"),
}
COMBINATIONS = [
    dict(zip(CHOICES, values, strict=True)) for values in itertools.product(*CHOICES.values())
]
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
BOTH = ("ChatKitFunction", "ApiFunction")
"""What stands behind the edge's signature. MCP clients cannot send what it needs."""
SERVING = (*BOTH, "McpFunction", "MaintenanceFunction")
URL_ACTIONS = ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")


@cache
def stack(combination: tuple[tuple[str, str], ...]) -> Any:
    return translate(STACK | dict(combination))["Resources"]


@pytest.fixture(params=COMBINATIONS, ids=lambda values: "-".join(values.values()))
def choice(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(request.param)


@pytest.fixture
def resources(choice: dict[str, str]) -> Any:
    return stack(tuple(choice.items()))


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


def test_the_chat_streams_by_the_wrapper_from_the_layer(resources: Any) -> None:
    urls = of_type(resources, "AWS::Lambda::Url")
    modes = {url["TargetFunctionArn"]["Ref"]: url["InvokeMode"] for url in urls.values()}
    chat = resources["ChatKitFunction"]["Properties"]
    api = resources["ApiFunction"]["Properties"]

    assert modes == {
        "ChatKitFunctionAliaslive": "RESPONSE_STREAM",
        "ApiFunctionAliaslive": "BUFFERED",
        "McpFunctionAliaslive": "BUFFERED",
    }
    wrapper = chat["Environment"]["Variables"]["AWS_LAMBDA_EXEC_WRAPPER"]
    assert wrapper == "/opt/lambda-streaming"
    assert "AWS_LAMBDA_EXEC_WRAPPER" not in api["Environment"]["Variables"]
    layers = {layer["Ref"].rstrip("0123456789abcdef") for layer in chat["Layers"]}
    assert layers == {"StreamingLayer", "SharedLayer", "DependenciesLayer"}
    assert len(api["Layers"]) == 2


def test_the_urls_are_open_only_where_nothing_stands_before_them(
    choice: dict[str, str], resources: Any
) -> None:
    urls = of_type(resources, "AWS::Lambda::Url").values()
    auth_types = {url["TargetFunctionArn"]["Ref"]: url["AuthType"] for url in urls}
    assert auth_types.pop("McpFunctionAliaslive") == "NONE"
    open_to_all = [
        (permission["FunctionName"]["Ref"], permission["Action"])
        for permission in of_type(resources, "AWS::Lambda::Permission").values()
        if permission["Principal"] == "*"
    ]

    if choice["Edge"] == "on":
        assert set(auth_types.values()) == {"AWS_IAM"}
        assert sorted(open_to_all) == sorted(
            ("McpFunctionAliaslive", action) for action in URL_ACTIONS
        )
        assert "EdgeStack" in resources
    else:
        assert set(auth_types.values()) == {"NONE"}
        assert sorted(open_to_all) == sorted(
            (f"{function}Aliaslive", action)
            for function in (*BOTH, "McpFunction")
            for action in URL_ACTIONS
        )
        assert "EdgeStack" not in resources


def test_the_second_front_door_is_there_when_asked_for(
    choice: dict[str, str], resources: Any
) -> None:
    assert ("RestApiStack" in resources) is (choice["FrontDoor"] == "RestApi")


def test_snapshots_and_gradual_deployments_are_as_asked_for(
    choice: dict[str, str], resources: Any
) -> None:
    snap_start = resources["ChatKitFunction"]["Properties"]["SnapStart"]["ApplyOn"]
    updates = [
        "CodeDeployLambdaAliasUpdate" in resources[f"{function}Aliaslive"].get("UpdatePolicy", {})
        for function in (*BOTH, "McpFunction")
    ]

    assert snap_start == ("PublishedVersions" if choice["SnapStart"] == "on" else "None")
    assert updates == [choice["GradualDeployment"] == "true"] * 3


def test_the_schema_is_migrated_before_the_code_and_cleaned_up_after_it(resources: Any) -> None:
    for function in SERVING:
        assert resources[function]["DependsOn"] == "SchemaMigration"
    assert resources["SchemaMigration"]["Properties"]["Phase"] == "pre"
    assert resources["SchemaCleanup"]["Properties"]["Phase"] == "post"
    assert set(resources["SchemaCleanup"]["DependsOn"]) == {
        f"{function}Aliaslive" for function in SERVING
    }


def test_only_the_migration_reads_the_master_users_secret(resources: Any) -> None:
    secret = STACK["DatabaseSecretArn"]
    readers = {
        name for name, statement in statements(resources) if statement.get("Resource") == secret
    }
    signers = {
        name for name, statement in statements(resources) if statement["Action"] == "rds-db:connect"
    }
    migrate = resources["MigrateFunction"]["Properties"]["Environment"]["Variables"]

    assert readers == {"MigrateFunctionRole"}
    assert signers == {f"{function}Role" for function in SERVING}
    assert migrate["DATABASE_AUTH"] == "secret"
    assert migrate["DATABASE_HOST"] == "instance.example.com"
    assert migrate["DATABASE_SERVICE_USER"] == "taskchat"


def test_no_secret_is_in_a_variable(resources: Any) -> None:
    for function in of_type(resources, "AWS::Lambda::Function").values():
        variables = function["Environment"]["Variables"]
        for name in ("DATABASE_URL", "GEMINI_API_KEY", "JWT_SECRET"):
            assert not variables.get(name)


def test_functions_reach_out_by_ipv6_and_are_traced(resources: Any) -> None:
    for function in of_type(resources, "AWS::Lambda::Function").values():
        assert function["VpcConfig"]["Ipv6AllowedForDualStack"] is True
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert "ReservedConcurrentExecutions" not in function


def test_nothing_is_named_so_that_two_environments_would_collide(resources: Any) -> None:
    naming = {"FunctionName", "QueueName", "RoleName", "LogGroupName", "Name"}
    fixed = [
        (name, key)
        for name, resource in resources.items()
        if resource["Type"] != "AWS::Lambda::Alias"  # its name is that of a version, not global
        for key in naming & resource.get("Properties", {}).keys()
        if isinstance(resource["Properties"][key], str)
    ]

    assert fixed == []


def test_no_policy_allows_everything(resources: Any) -> None:
    every = [*statements(resources)]
    for name in NESTED:
        every += statements(read_template(f"{name}.yaml")["Resources"])

    for where, statement in every:
        if statement["Effect"] != "Allow":
            continue
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            assert "*" not in action, where
        # Without a resource it says who may assume a role.
        assert statement.get("Resource") != "*", where
        assert statement.get("Principal") != "*", where


# --- the templates that are nested, and the data stack --------------------------------------------


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


def test_every_alarm_is_of_a_metric_that_the_code_or_aws_emits() -> None:
    alarms = of_type(read_template("observability.yaml")["Resources"], "AWS::CloudWatch::Alarm")
    alarms |= of_type(translate(STACK)["Resources"], "AWS::CloudWatch::Alarm")
    known_of_aws = {
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Throttles"),
        ("AWS/RDS", "CPUCreditBalance"),
        ("AWS/RDS", "DatabaseConnections"),
        ("AWS/RDS", "FreeStorageSpace"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    }

    assert len(alarms) > 10
    for name, alarm in alarms.items():
        if alarm["Namespace"] == NAMESPACE:
            assert alarm["MetricName"] in set(Metric), name
        else:
            assert (alarm["Namespace"], alarm["MetricName"]) in known_of_aws, name
        assert "docs/operations.md" in alarm["AlarmDescription"]


def test_every_alarm_asks_for_the_dimensions_with_which_the_code_emits_its_metric() -> None:
    emitted = _dimensions_by_metric()
    alarms = of_type(read_template("observability.yaml")["Resources"], "AWS::CloudWatch::Alarm")
    ours = {name: alarm for name, alarm in alarms.items() if alarm["Namespace"] == NAMESPACE}

    assert ours
    for name, alarm in ours.items():
        asked = {dimension["Name"] for dimension in alarm["Dimensions"]}
        assert asked == emitted[alarm["MetricName"]], name


def _dimensions_by_metric() -> dict[str, set[str]]:
    """What tells the values of each metric apart, read from the calls of `record`."""
    found: dict[str, set[str]] = {metric.value: {"service"} for metric in Metric}
    for folder in (ROOT / "functions", ROOT / "layers/shared/src"):
        for path in folder.rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "record"):
                    continue
                names = {keyword.arg for keyword in call.keywords if keyword.arg}
                for name in re.findall(r"Metric\.(\w+)", ast.unparse(call)):
                    found[Metric[name]] |= names
    return found


def test_lost_runs_raise_an_alarm_whoever_finds_them() -> None:
    alarms = of_type(read_template("observability.yaml")["Resources"], "AWS::CloudWatch::Alarm")
    finders = {
        alarm["Dimensions"][0]["Value"]
        for alarm in alarms.values()
        if alarm["MetricName"] == Metric.RUN_LOST
    }

    # Maintenance finds them on its schedule, the chat before the thread's next message.
    assert finders == {"maintenance", "chatkit"}


def test_the_dashboards_show_metrics_that_the_code_or_aws_emits() -> None:
    text = (INFRA / "observability.yaml").read_text()
    ours = set(re.findall(r'MetricName=\\"(\w+)\\"', text))
    dashboards = of_type(
        read_template("observability.yaml")["Resources"], "AWS::CloudWatch::Dashboard"
    )
    for dashboard in dashboards.values():
        body = json.loads(dashboard["DashboardBody"]["Fn::Sub"])
        for widget in body["widgets"]:
            for metric in widget["properties"]["metrics"]:
                if isinstance(metric[0], str) and metric[0] == NAMESPACE:
                    ours.add(metric[1])

    assert ours
    assert ours <= set(Metric)


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
