"""Alarms and dashboards are about what the code and AWS really measure."""

import ast
import json
import re

from taskchat.metrics import NAMESPACE, Metric
from tests.infrastructure.templates import INFRA, STACK, of_type, read_template, translate
from tests.support.builds import ROOT


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
