"""Logs with ids and metrics in CloudWatch's embedded format, for every function."""

import logging
import os
from collections.abc import Mapping

from taskchat.log_context import LogContextFilter
from taskchat.metrics import NAMESPACE, Metric, install_sink, unit_of

_OURS = ("functions", "lambda_streaming", "taskchat")


def configure_logs() -> None:
    """Add the ids of request, run and tool call to the lines of Lambda's own handlers.

    Only our own loggers go below INFO: at DEBUG, botocore logs the responses of Secrets Manager,
    and the model's SDK logs what people wrote.
    """
    root = logging.getLogger()
    for handler in root.handlers:
        handler.addFilter(LogContextFilter())
    for name in _OURS:
        logging.getLogger(name).setLevel(root.level)
    root.setLevel(max(root.level, logging.INFO))


def emit_metrics(service: str) -> None:
    """Write this process's metrics to its log, from which CloudWatch reads them.

    Every metric has the dimension `service`. The cold start is recorded along with the first
    metric.
    """
    # Lambda treats a line without a level as INFO, and drops it if the function only keeps higher
    # levels. So the line has the lowest level that is kept.
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL") or "INFO"
    cold = True

    def sink(values: Mapping[Metric, float], dimensions: Mapping[str, str]) -> None:
        nonlocal cold
        if cold:
            cold = False
            sink({Metric.COLD_START: 1}, {})
        # Imported with the first metric, so that a cold start does not wait for it. Not `Metrics`:
        # its instances share their values, and would mix those of concurrent runs.
        from aws_lambda_powertools.metrics import EphemeralMetrics

        metrics = EphemeralMetrics(namespace=NAMESPACE, service=service)
        for name, text in dimensions.items():
            metrics.add_dimension(name, text)
        for metric, value in values.items():
            metrics.add_metric(metric, unit_of(metric), value)
        metrics.add_metadata("level", level)
        metrics.flush_metrics()

    install_sink(sink)
