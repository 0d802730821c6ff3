"""What each function has, whatever it is called: a new one in the template is asked for it, too."""

import json
from functools import cache
from typing import Any

import pytest

from infra.deploy.environments import load_environment
from infra.deploy.reservations import RESERVATIONS
from tests.infrastructure.templates import STACK, decide, of_type, read_template, translate
from tests.support.builds import ROOT

METRICS_SHOWN = ("Invocations", "Errors", "Throttles", "ConcurrentExecutions", "Duration")


@cache
def application() -> Any:
    return translate(STACK | {"AlarmEmail": "operator@example.com"})["Resources"]


@cache
def observability() -> Any:
    """The nested template, its references replaced by those that it is given."""
    given = of_type(application(), "AWS::CloudFormation::Stack")["ObservabilityStack"]
    return decide(read_template("observability.yaml"), given["Parameters"])["Resources"]


def alarms() -> dict[str, Any]:
    return of_type(application() | observability(), "AWS::CloudWatch::Alarm")


def functions() -> set[str]:
    return set(of_type(application(), "AWS::Lambda::Function"))


def serving() -> set[str]:
    """The functions that people wait for: those with a URL."""
    urls = of_type(application(), "AWS::Lambda::Url").values()
    return {url["TargetFunctionArn"]["Ref"].removesuffix("Aliaslive") for url in urls}


def on_the_dashboard(metric: str) -> set[str]:
    """The functions whose metric the dashboard of the machine shows."""
    given = of_type(application(), "AWS::CloudFormation::Stack")["ObservabilityStack"]["Parameters"]
    body = observability()["WhatTheMachineDoes"]["Properties"]["DashboardBody"]["Fn::Sub"]
    found = set()
    for widget in json.loads(body)["widgets"]:
        above: list[str] = []
        for row in widget["properties"]["metrics"]:
            above = written_out([word for word in row if isinstance(word, str)], above)
            if above[:2] == ["AWS/Lambda", metric]:
                found.add(given[above[-1].strip("${}")]["Ref"])
    return found


def written_out(row: list[str], above: list[str]) -> list[str]:
    """A metric in full: "." stands for the word above it, "..." for all that are left out."""
    if row[:1] == ["..."]:
        row = ["."] * (len(above) - len(row) + 1) + row[1:]
    return [above[at] if word == "." else word for at, word in enumerate(row)]


def test_some_functions_have_a_url_and_some_have_none() -> None:
    assert serving()
    assert serving() < functions()


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_an_alarm_goes_off_for_each_function_that_people_wait_for(metric: str) -> None:
    watched = [
        dimension["Value"]["Ref"]
        for alarm in alarms().values()
        if (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", metric)
        for dimension in alarm["Dimensions"]
    ]

    assert sorted(watched) == sorted(serving())


@pytest.mark.parametrize("metric", METRICS_SHOWN)
def test_the_dashboard_shows_each_function_that_people_wait_for(metric: str) -> None:
    assert serving() - on_the_dashboard(metric) == set()


def test_the_failures_of_the_other_functions_are_told_by_a_queue_or_by_the_deployment() -> None:
    queued = {
        config["FunctionName"]["Ref"]
        for config in of_type(application(), "AWS::Lambda::EventInvokeConfig").values()
        if "OnFailure" in config["DestinationConfig"]
    }
    deploying = {
        resource["Properties"]["ServiceToken"]["Fn::GetAtt"][0]
        for resource in application().values()
        if resource["Type"].startswith("Custom::")
    }

    assert functions() - serving() - queued - deploying == set()


def test_prod_reserves_concurrency_for_each_function_that_people_wait_for() -> None:
    prod = load_environment(ROOT / "samconfig.toml", "prod").parameters
    given = {name: prod[name] for name in RESERVATIONS}
    resources = translate(STACK | given)["Resources"]
    reserving = {
        name
        for name, function in of_type(resources, "AWS::Lambda::Function").items()
        if int(function.get("ReservedConcurrentExecutions", 0)) > 0
    }

    assert reserving == serving()


def test_the_document_names_each_reservation_in_the_table_of_what_throttles() -> None:
    document = (ROOT / "docs/operations.md").read_text()
    (row,) = [line for line in document.splitlines() if line.startswith("| reserved concurrency")]

    assert [name for name in RESERVATIONS if f"`{name}`" not in row] == []


def test_who_asked_to_be_told_is_told_of_every_alarm() -> None:
    topic = application()["Alarms"]["Properties"]
    told = [{"Ref": "Alarms"}]

    assert topic["Subscription"] == [{"Protocol": "email", "Endpoint": "operator@example.com"}]
    assert {name for name, one in alarms().items() if one.get("AlarmActions") != told} == set()
    assert {name for name, one in alarms().items() if one.get("OKActions") != told} == set()


def test_no_key_keeps_cloudwatch_from_telling() -> None:
    """It may not use `alias/aws/sns`, and nobody can change the policy of that key."""
    assert "KmsMasterKeyId" not in application()["Alarms"]["Properties"]
