"""The templates are valid, and say of the functions what the functions rely on."""

import json
from typing import Any

import pytest

from functions.api.app import ApiSettings
from functions.chatkit.settings import ChatSettings
from functions.mcp.settings import McpSettings
from local.emulator import FunctionSpec
from local.emulator.project import ROUTES
from local.emulator.template import read_functions
from taskchat.settings import DatabaseSettings
from tests.support.builds import HOST, ROOT, built

TRIAL = {
    "DATABASE_URL": "postgresql://db.example.com/taskchat",
    "GEMINI_API_KEY": "key",
    "JWT_SECRET": "a secret with more than thirty-two bytes",
}


@pytest.fixture(scope="module")
def template() -> Any:
    return json.loads((built(HOST) / "template.json").read_text())


@pytest.fixture(scope="module")
def functions() -> dict[str, FunctionSpec]:
    return {function.name: function for function in read_functions(built(HOST), ROUTES)}


def test_every_function_has_its_folder_as_its_handler_says(
    functions: dict[str, FunctionSpec],
) -> None:
    for function in functions.values():
        module = function.handler.rpartition(".")[0].replace(".", "/")

        assert (ROOT / f"{module}.py").is_file()
        assert (function.task_root / f"{module}.py").is_file()


def test_only_the_chat_streams(template: Any) -> None:
    modes = {
        name: resource["Properties"]["FunctionUrlConfig"]["InvokeMode"]
        for name, resource in template["Resources"].items()
        if "FunctionUrlConfig" in resource.get("Properties", {})
    }

    assert modes == {
        "ChatKitFunction": "RESPONSE_STREAM",
        "ApiFunction": "BUFFERED",
        "McpFunction": "BUFFERED",
    }


def test_the_settings_that_the_template_gives_by_default_are_valid(
    functions: dict[str, FunctionSpec],
) -> None:
    chat = {**functions["ChatKitFunction"].environment, **TRIAL}
    api = {**functions["ApiFunction"].environment, **TRIAL}
    mcp = {**functions["McpFunction"].environment, **TRIAL}
    others = [
        {**functions[name].environment, **TRIAL}
        for name in ("MigrateFunction", "MaintenanceFunction")
    ]

    assert ChatSettings.from_environment(chat).gemini.model == "gemini-2.5-flash"
    assert ApiSettings.from_environment(api).limits.messages_per_day == 100
    assert McpSettings.from_environment(mcp).limits.changes_per_minute == 120
    assert all(DatabaseSettings.from_environment(other).url for other in others)


def test_an_answer_ends_well_before_the_function_is_cut(
    template: Any, functions: dict[str, FunctionSpec]
) -> None:
    longest = template["Parameters"]["RunTimeoutSeconds"]["MaxValue"]

    assert longest <= functions["ChatKitFunction"].timeout_seconds - 10


def test_the_schema_is_migrated_before_the_code_that_needs_it_is_deployed(template: Any) -> None:
    resources = template["Resources"]

    for name in ("ChatKitFunction", "ApiFunction", "McpFunction", "MaintenanceFunction"):
        assert resources[name]["DependsOn"] == "SchemaMigration"
    assert resources["SchemaMigration"]["Properties"]["Version"] == {
        "Ref": "MigrateFunction.Version"
    }


def test_an_open_url_may_be_called_by_everybody_and_another_by_nobody_yet(template: Any) -> None:
    permissions = [
        (resource["Condition"], properties["FunctionName"]["Ref"], properties["Action"])
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Permission"
        and (properties := resource["Properties"])["Principal"] == "*"
    ]

    assert sorted(permissions) == [
        ("IsOpen", f"{function}.Alias", action)
        for function in ("ApiFunction", "ChatKitFunction")
        for action in ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl")
    ]


def test_a_secret_among_the_parameters_is_not_shown(template: Any) -> None:
    for name in ("DatabaseUrl", "GeminiApiKey", "JwtSecret"):
        assert template["Parameters"][name]["NoEcho"] is True


def test_the_lock_of_the_tools_names_no_index_and_has_hashes() -> None:
    lines = (ROOT / "requirements-aws.txt").read_text().splitlines()
    code = [line for line in lines if not line.lstrip().startswith("#")]
    packages = [line for line in code if "==" in line]

    assert not [line for line in code if "://" in line or line.startswith("-")]
    assert len(packages) > 50
    assert all(line.endswith("\\") for line in packages)
