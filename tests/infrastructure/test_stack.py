"""The application's stack, for each combination of the main parameters."""

import itertools
from functools import cache
from typing import Any

import pytest

from tests.infrastructure.templates import (
    NESTED,
    STACK,
    URL_ACTIONS,
    of_type,
    read_template,
    statements,
    translate,
)

CHOICES = {
    "Edge": ("on", "off"),
    "FrontDoor": ("FunctionUrl", "RestApi"),
    "SnapStart": ("on", "off"),
    "GradualDeployment": ("true", "false"),
}
COMBINATIONS = [
    dict(zip(CHOICES, values, strict=True)) for values in itertools.product(*CHOICES.values())
]
BOTH = ("ChatKitFunction", "ApiFunction")
"""What stands behind the edge's signature. MCP clients cannot send what it needs."""
SERVING = (*BOTH, "McpFunction", "MaintenanceFunction")


@cache
def stack(combination: tuple[tuple[str, str], ...]) -> Any:
    return translate(STACK | dict(combination))["Resources"]


@pytest.fixture(params=COMBINATIONS, ids=lambda values: "-".join(values.values()))
def choice(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(request.param)


@pytest.fixture
def resources(choice: dict[str, str]) -> Any:
    return stack(tuple(choice.items()))


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
