"""What every function does for its operator: logs with ids, metrics in CloudWatch's own format."""

import logging
import os
from collections.abc import Mapping

from taskchat.log_context import LogContextFilter
from taskchat.metrics import NAMESPACE, Metric, install_sink, unit_of

_OURS = ("functions", "lambda_streaming", "taskchat")


def configure_logs() -> None:
    """Give the lines of Lambda's own handlers the ids of request, run and tool call.

    Only our own loggers go below INFO: at DEBUG botocore writes what Secrets Manager answers, and
    the model's SDK what people wrote.
    """
    root = logging.getLogger()
    for handler in root.handlers:
        handler.addFilter(LogContextFilter())
    for name in _OURS:
        logging.getLogger(name).setLevel(root.level)
    root.setLevel(max(root.level, logging.INFO))


def emit_metrics(service: str) -> None:
    """Write this process's measurements to its log, from which CloudWatch reads them.

    Every measurement has the dimension `service`. With the first comes that of the cold start.
    """
    # Lambda takes a line without a level for INFO, and drops it where the function keeps only
    # graver ones. So the line has the least level that is kept.
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL") or "INFO"
    cold = True

    def sink(values: Mapping[Metric, float], dimensions: Mapping[str, str]) -> None:
        nonlocal cold
        if cold:
            cold = False
            sink({Metric.COLD_START: 1}, {})
        # Imported with the first measurement, which a cold start does not wait for. Not `Metrics`:
        # its instances share their values, and would mix those of runs that go on at once.
        from aws_lambda_powertools.metrics import EphemeralMetrics

        metrics = EphemeralMetrics(namespace=NAMESPACE, service=service)
        for name, text in dimensions.items():
            metrics.add_dimension(name, text)
        for metric, value in values.items():
            metrics.add_metric(metric, unit_of(metric), value)
        metrics.add_metadata("level", level)
        metrics.flush_metrics()

    install_sink(sink)
