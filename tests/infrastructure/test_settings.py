"""The limits in the template are the code's: each reaches the functions that read it."""

import re
from typing import Any

import pytest
from pydantic import BaseModel

from taskchat.settings import LimitSettings, RetentionSettings, RunSettings
from tests.infrastructure.templates import read_application
from tests.support.builds import ROOT

LIMITS = (LimitSettings,)
READ_BY: dict[str, tuple[type[BaseModel], ...]] = {
    "ApiFunction": LIMITS,
    "ChatKitFunction": (*LIMITS, RunSettings),
    "MaintenanceFunction": (RetentionSettings,),
    "McpFunction": LIMITS,
}


def parameter(field: str) -> str:
    return "".join(word.title() for word in field.split("_"))


@pytest.fixture(scope="module")
def template() -> Any:
    return read_application()


@pytest.mark.parametrize(
    ("function", "field", "default"),
    [
        (function, field, info.default)
        for function, groups in READ_BY.items()
        for group in groups
        for field, info in group.model_fields.items()
    ],
)
def test_a_limit_is_a_parameter_with_the_codes_default(
    template: Any, function: str, field: str, default: float
) -> None:
    variables = template["Resources"][function]["Properties"]["Environment"]["Variables"]

    assert variables[field.upper()] == {"Ref": parameter(field)}
    assert template["Parameters"][parameter(field)]["Default"] == default


def test_the_throttling_table_has_every_limit() -> None:
    section = (ROOT / "docs/operations.md").read_text().partition("## Throttling")[2]
    table = set(re.findall(r"`(\w+)`", section.partition("\n## ")[0]))
    fields = [*LimitSettings.model_fields, *RunSettings.model_fields]

    assert {parameter(field) for field in fields} - table == set()
