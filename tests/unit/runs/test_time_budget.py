"""What ends an answer fits into the time that there is for it."""

from functions.chatkit.http.endpoint import PLATFORM_MARGIN_SECONDS
from lambda_streaming import server
from taskchat.runs.time_budget import END_SECONDS, FINISH_SECONDS, HALT_SECONDS, SETTLE_SECONDS

LAMBDA_SECONDS = 2.0
"""Between SIGTERM and SIGKILL, where there is an extension:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html"""

RECORD_SECONDS = 0.1
"""A transaction in the same region, several times over."""


def test_the_runtime_ends_before_lambda_kills_it() -> None:
    assert server._DRAIN_SECONDS + server._SHUTDOWN_SECONDS < LAMBDA_SECONDS


def test_the_runtime_waits_until_all_answers_have_ended() -> None:
    assert FINISH_SECONDS + END_SECONDS < server._SHUTDOWN_SECONDS


def test_an_interrupted_answer_has_the_time_to_halt_settle_and_be_recorded() -> None:
    assert HALT_SECONDS + SETTLE_SECONDS + RECORD_SECONDS <= END_SECONDS + 1e-9


def test_an_answer_ends_in_good_order_before_the_platform_cuts_it() -> None:
    assert HALT_SECONDS + SETTLE_SECONDS + RECORD_SECONDS < PLATFORM_MARGIN_SECONDS
