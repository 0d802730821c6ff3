"""What an answer measures of itself, for its operator."""

from collections.abc import Iterator, Mapping

import pytest

from taskchat.metrics import Metric, install_sink
from tests.support.answers import create
from tests.support.chat import ChatClient, chat_application
from tests.support.model_server import Call, ModelServer, problem, text, tool_calls

Recorded = list[tuple[dict[Metric, float], dict[str, str]]]


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    noted: Recorded = []

    def sink(values: Mapping[Metric, float], dimensions: Mapping[str, str]) -> None:
        noted.append((dict(values), dict(dimensions)))

    install_sink(sink)
    yield noted
    install_sink(lambda values, dimensions: None)


def run_of(recorded: Recorded) -> dict[Metric, float]:
    [values] = [values for values, _ in recorded if Metric.RUN_DURATION in values]
    return values


async def test_an_answer_measures_its_first_words_its_length_and_its_tokens(
    alice: ChatClient, model: ModelServer, recorded: Recorded
) -> None:
    model.script([text("One", " two", delay=0.05)])
    await alice.events(*create("Count"))

    values = run_of(recorded)
    assert 50 <= values[Metric.TIME_TO_FIRST_TOKEN] < values[Metric.RUN_DURATION]
    assert values[Metric.RUN_COMPLETED] == 1
    assert (values[Metric.INPUT_TOKENS], values[Metric.OUTPUT_TOKENS]) == (11, 7)


async def test_each_tool_is_measured_by_its_name(
    alice: ChatClient, model: ModelServer, recorded: Recorded
) -> None:
    model.script(
        [
            tool_calls(Call("create_task", {"title": "Call mom"}), Call("create_task", {})),
            text("One of them."),
        ]
    )
    await alice.events(*create("Two tasks"))

    tools = [(v, d) for v, d in recorded if Metric.TOOL_DURATION in v]
    assert [dimensions for _, dimensions in tools] == [{"tool": "create_task"}] * 2
    assert sorted(values[Metric.TOOL_FAILED] for values, _ in tools) == [0, 1]


async def test_an_answer_that_failed_counts_as_such_and_has_no_first_words(
    alice: ChatClient, model: ModelServer, recorded: Recorded
) -> None:
    model.script(lambda _: problem(400))
    await alice.events(*create("Hello"))

    values = run_of(recorded)
    assert values[Metric.RUN_FAILED] == 1
    assert Metric.TIME_TO_FIRST_TOKEN not in values


async def test_a_request_that_a_limit_refuses_is_counted_by_the_limit(
    environment: dict[str, str], model: ModelServer, recorded: Recorded
) -> None:
    model.script(lambda _: text("Hello."))
    async with chat_application({**environment, "MESSAGES_PER_MINUTE": "1"}) as url:
        bob = ChatClient(url, "bob")
        async with bob.http:
            answers = [await bob.post(*create("Hello")) for _ in range(3)]

    refused = [answer for answer in answers if answer.status_code == 429]
    limits = [dimensions for values, dimensions in recorded if Metric.LIMIT_REACHED in values]
    assert refused
    assert limits == [{"limit": "message-limit"}] * len(refused)
