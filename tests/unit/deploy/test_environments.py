"""The environments of `samconfig.toml`, and the parameters that a person gives."""

from pathlib import Path

import pytest

from infra.deploy.deployment import APPLICATION, ROOT
from infra.deploy.environments import load_environment, parse_parameters
from infra.deploy.errors import DeployError
from infra.deploy.templates import declared_parameters

CONFIG = ROOT / "samconfig.toml"


def test_an_unknown_environment_is_told_which_there_are() -> None:
    with pytest.raises(DeployError) as told:
        load_environment(CONFIG, "staging")

    assert told.value.message == "There is no environment 'staging'."
    assert "dev and prod" in told.value.advice


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_each_environment_has_a_stack_and_tags_of_its_own(name: str) -> None:
    environment = load_environment(CONFIG, name)

    assert environment.tags["environment"] == name
    assert environment.stack.startswith("taskchat")
    assert "SnapStart" in load_environment(CONFIG, "prod").parameters
    assert load_environment(CONFIG, "dev").stack != load_environment(CONFIG, "prod").stack


def test_values_may_hold_blanks_and_equals_signs() -> None:
    parsed = parse_parameters("""A=1 B='two words' C="x=y" D= """)

    assert parsed == {"A": "1", "B": "two words", "C": "x=y", "D": ""}


@pytest.mark.parametrize("text", ["A", "=1", "A=1 B", "A='1"])
def test_what_is_no_parameter_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(DeployError) as told:
        parse_parameters(text)

    assert "Key=Value" in told.value.advice


def test_a_template_tells_its_parameters(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(
        "Parameters: {A: {Type: String, Default: 1}, B: {Type: String}}\n"
        "Conditions: {C: !Equals [!Ref A, !Sub '${B}']}\nResources: {}\n"
    )

    assert declared_parameters(template) == {"A": "1", "B": ""}
    assert declared_parameters(APPLICATION)["Architecture"] == "arm64"


def test_only_prod_reserves_concurrency_which_new_accounts_do_not_have() -> None:
    default = declared_parameters(APPLICATION)["ReservedConcurrency"]
    reserved = {
        name: load_environment(CONFIG, name).parameters.get("ReservedConcurrency", default)
        for name in ("dev", "prod")
    }

    assert reserved == {"dev": "-1", "prod": "50"}
