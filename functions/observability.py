"""What every function does for its operator: metrics from its log, and no contents in it."""

import logging
import os
from collections.abc import Mapping

from taskchat.metrics import NAMESPACE, Metric, install_sink, unit_of

# At DEBUG these log what they send and receive: secrets, tokens, people's messages.
_TALKATIVE = ("boto3", "botocore", "urllib3", "httpx", "httpx2", "httpcore", "openai")


def keep_contents_out_of_logs() -> None:
    """Hold libraries that log requests and answers to INFO, whatever the root logger's level is."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.INFO)


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
