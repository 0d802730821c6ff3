"""Measurements in CloudWatch's embedded metric format, and without a sink nowhere."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.observability import emit_metrics
from taskchat import metrics
from taskchat.metrics import Metric, record


@pytest.fixture(autouse=True)
def _no_sink_afterwards() -> Iterator[None]:
    before = metrics._sink
    yield
    metrics.install_sink(before)


def emitted(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_without_a_sink_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    record({Metric.RUN_LOST: 1})

    assert capsys.readouterr().out == ""


def test_values_of_one_call_share_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    emit_metrics("chatkit")
    record({Metric.RUN_DURATION: 812.5, Metric.RUN_COMPLETED: 1})

    _, line = emitted(capsys)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Taskchat"
    assert directive["Dimensions"] == [["service"]]
    assert line["service"] == "chatkit"
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert units == {"RunDuration": "Milliseconds", "RunCompleted": "Count"}
    assert line["RunDuration"] == [812.5]


def test_a_tool_is_a_dimension_of_its_own_line(capsys: pytest.CaptureFixture[str]) -> None:
    emit_metrics("chatkit")
    record({Metric.TOOL_DURATION: 3.0}, tool="create_task")
    record({Metric.RUN_COMPLETED: 1})

    _, tool, run = emitted(capsys)
    assert set(tool["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]) == {"tool", "service"}
    assert tool["tool"] == "create_task"
    assert "tool" not in run
    assert "ToolDuration" not in run


def test_the_cold_start_is_counted_once(capsys: pytest.CaptureFixture[str]) -> None:
    emit_metrics("chatkit")
    for _ in range(3):
        record({Metric.RUN_COMPLETED: 1})

    cold, *others = emitted(capsys)
    assert cold["ColdStart"] == [1]
    assert not any("ColdStart" in line for line in others)


@pytest.mark.parametrize(("configured", "written"), [("WARN", "WARN"), ("", "INFO")])
def test_a_line_has_a_level_that_lambda_keeps(
    configured: str,
    written: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", configured)
    emit_metrics("api")
    record({Metric.LIMIT_REACHED: 1}, limit="message-limit")

    assert {line["level"] for line in emitted(capsys)} == {written}
