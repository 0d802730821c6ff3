"""docs/scaling.md says what the simulation says, and the simulation what it should."""

import pytest

from tests.simulation.__main__ import DOCUMENT, SIZES, render
from tests.simulation.bill import Database, Traffic, monthly_bill
from tests.simulation.measure import read_measurements
from tests.simulation.simulate import simulate
from tests.simulation.workload import HOURS, Message, messages, messages_in_hour

COSTS = read_measurements()


def message(at: float, seconds: float) -> Message:
    """A message whose answer takes that long, measured overhead included."""
    waiting = seconds - COSTS.plain.seconds
    return Message(
        at=at, with_tool=False, output_tokens=0, waiting_seconds=waiting, streaming_seconds=0
    )


def test_the_tables_are_those_of_the_measurements() -> None:
    assert render() == DOCUMENT.read_text(), "run `.venv/bin/python -m tests.simulation`"


def test_answers_at_the_same_time_need_an_environment_each() -> None:
    load = simulate([message(0, 5), message(1, 5), message(2, 5)], 60, COSTS)

    assert (load.cold_starts, load.peak_answers, load.peak_environments) == (3, 3, 3)


def test_an_environment_is_used_again_until_it_has_been_idle_for_long() -> None:
    load = simulate([message(0, 1), message(60, 1), message(1_200, 1)], 1_800, COSTS)

    assert load.cold_starts == 2
    assert load.peak_environments == 1


def test_on_average_as_many_answers_are_in_progress_as_arrive_while_one_is_made() -> None:
    hour = range(10, 11)
    load = simulate(messages(10_000_000, hour, seed=1), 3_600, COSTS)
    rate = messages_in_hour(10_000_000, 10) / 3_600

    assert load.mean_answers == pytest.approx(
        rate * load.answering_seconds / load.messages, rel=0.02
    )
    assert load.mean_answers < load.peak_answers < 3 * load.mean_answers


def test_statements_are_counted_for_the_message_and_for_each_second_that_streams() -> None:
    streamed = Message(
        at=0, with_tool=False, output_tokens=9, waiting_seconds=1, streaming_seconds=2.5
    )
    load = simulate([streamed], 60, COSTS)

    expected = COSTS.plain.statements + 2.5 * COSTS.plain.statements_per_second
    assert sum(load.statements) == pytest.approx(expected)


def test_a_day_has_the_messages_that_its_share_of_the_month_says() -> None:
    per_day = sum(messages_in_hour(22_000, hour) for hour in range(24))

    assert per_day == pytest.approx(900)
    assert len(HOURS) == 24


def test_nothing_but_the_database_and_its_secrets_is_paid_for_when_nobody_writes() -> None:
    nothing = Traffic(messages=0, billed_seconds=0, output_tokens=0, model_calls=0)
    bill = monthly_bill(nothing, COSTS, Database("db.t4g.small"), waf_rules=0)

    assert {part for part, dollars in bill.items() if dollars} == {"database", "secrets"}


def test_the_sizes_are_those_that_the_document_is_about() -> None:
    assert [size.messages for size in SIZES] == [1_000, 1_000_000, 100_000_000]
