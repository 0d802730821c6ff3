"""docs/operations.md names every alarm and every parameter that it speaks of."""

import re

from tests.infrastructure.templates import of_type, read_application, read_template
from tests.support.builds import ROOT

DOCUMENT = (ROOT / "docs/operations.md").read_text()
_PARAMETER = re.compile(r"^  (\w+):\n    Type: (?:String|Number|CommaDelimitedList)$", re.MULTILINE)


def parameters() -> set[str]:
    sources = ("template.yaml", "infra/data.yaml", "infra/waf.yaml")
    return {name for path in sources for name in _PARAMETER.findall((ROOT / path).read_text())}


def test_every_alarm_says_what_to_do() -> None:
    alarms = {
        name
        for template in (read_application(), read_template("observability.yaml"))
        for name in of_type(template["Resources"], "AWS::CloudWatch::Alarm")
    }

    assert alarms
    assert {name for name in alarms if f"`{name}`" not in DOCUMENT} == set()


def test_every_parameter_that_it_names_is_one() -> None:
    named = set(re.findall(r"\b([A-Z]\w+)=", DOCUMENT))
    named |= set(re.findall(r"`([A-Z][a-z]\w*[A-Z]\w*)`", DOCUMENT))
    alarms = {
        name
        for path in ("template.yaml", "infra/observability.yaml")
        for name in re.findall(
            r"^  (\w+):.*\n    Type: AWS::CloudWatch::Alarm",
            (ROOT / path).read_text(),
            re.MULTILINE,
        )
    }
    output = re.compile(r"^  (\w+):\n(?:    Condition: .*\n)?    Description:", re.MULTILINE)
    outputs = set(output.findall((ROOT / "template.yaml").read_text()))
    environment = {
        "ENV",
        "ARCH",
        "YES",
        "URL",
        "CHAT_URL",
        "MCP_URL",
        "TOKEN",
        "FUNCTION",
        "PARAMETERS",
    }
    environment |= {name for name in named if name.isupper()}
    words_of_aws = {"CPUCreditBalance", "OutputKey"}

    assert named - parameters() - alarms - outputs - environment - words_of_aws == set()


def test_every_target_that_it_names_is_one() -> None:
    makefiles = "\n".join(path.read_text() for path in (ROOT / "Makefile", *ROOT.glob("make/*.mk")))
    targets = set(re.findall(r"`?make ([a-z][a-z-]+)(?: [A-Z]+=|`)", DOCUMENT))

    assert {target for target in targets if f"\n{target}:" not in makefiles} == set()
