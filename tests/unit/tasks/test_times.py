from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from taskchat.tasks.times import END_OF_DAY, parse_time, to_instant

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2030-07-01T17:00", BERLIN, "2030-07-01T15:00Z"),
        ("2030-07-01T17:00", NEW_YORK, "2030-07-01T21:00Z"),
        ("2030-01-01T17:00", BERLIN, "2030-01-01T16:00Z"),
        ("2030-01-01T17:00:30.25", NEW_YORK, "2030-01-01T22:00:30.250Z"),
        ("2030-01-01 17:00", BERLIN, "2030-01-01T16:00Z"),
        (" 2030-01-01t17:00:00z ", BERLIN, "2030-01-01T17:00Z"),
        ("2030-01-01T17:00:00.123456789Z", BERLIN, "2030-01-01T17:00:00.123456Z"),
        ("2030-01-01T17:00+05:30", BERLIN, "2030-01-01T11:30Z"),
        ("2030-01-01T17:00-0800", BERLIN, "2030-01-02T01:00Z"),
        ("2030-01-01T17:00:00 05:30", BERLIN, "2030-01-01T11:30Z"),
    ],
)
def test_a_time_keeps_its_offset_or_else_is_meant_in_the_persons_zone(
    text: str, zone: ZoneInfo, instant: str
) -> None:
    assert parse_time(text, zone) == datetime.fromisoformat(instant)
    assert parse_time(text, zone).tzinfo is UTC


@pytest.mark.parametrize(
    ("date_means", "expected"),
    [(time(0, 0), "2030-06-30T22:00Z"), (END_OF_DAY, "2030-07-01T21:59Z")],
)
def test_a_date_alone_is_the_time_of_day_that_the_caller_means(
    date_means: time, expected: str
) -> None:
    parsed = parse_time("2030-07-01", BERLIN, date_means=date_means)
    assert parsed == datetime.fromisoformat(expected)


def test_a_time_that_the_clocks_skip_is_moved_forward_by_the_gap() -> None:
    parsed = parse_time("2030-03-31T02:30", BERLIN)
    assert parsed.astimezone(BERLIN).isoformat() == "2030-03-31T03:30:00+02:00"
    parsed = parse_time("2030-03-10T02:30", NEW_YORK)
    assert parsed.astimezone(NEW_YORK).isoformat() == "2030-03-10T03:30:00-04:00"


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    assert parse_time("2030-10-27T02:30", BERLIN) == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
    assert parse_time("2030-11-03T01:30", NEW_YORK) == datetime(2030, 11, 3, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "17:00",
        "1900000000",
        "20300101T170000Z",
        "2030-W01-1",
        "2030-01-01X17:00",
        "2030-01-01T17:00\0",
        "2030-01-01T17:00[Europe/Berlin]",
        "٢٠٣٠-01-01",
        "2030-01-01T" + "9" * 10_000,
        "\ud800",
    ],
)
def test_what_is_no_time_is_refused_with_an_example_of_one(text: str) -> None:
    with pytest.raises(ValueError, match="must be a time such as"):
        parse_time(text, BERLIN)


@pytest.mark.parametrize(
    "text", ["2030-02-30", "2030-13-01T00:00", "2030-01-01T25:00", "2030-01-01T17:00+99:00"]
)
def test_a_time_that_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time that exists"):
        parse_time(text, BERLIN)


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59-12:00",
    ],
)
def test_an_instant_that_has_no_date_in_some_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must lie between the years 1 and 9999"):
        parse_time(text, NEW_YORK)


def test_a_moment_without_a_zone_is_meant_in_the_persons_too() -> None:
    naive = datetime(2030, 7, 1, 17, 0)
    assert to_instant(naive, BERLIN) == datetime(2030, 7, 1, 15, 0, tzinfo=UTC)
