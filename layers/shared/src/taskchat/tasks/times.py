"""Parses times as people and models write them.

A time with an offset is already an instant. A time without one is read in the person's time zone.
If a clock change skips it, it moves forward by the gap. If it occurs twice, the first occurrence
counts.
"""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

START_OF_DAY = time(0, 0)
END_OF_DAY = time(23, 59)

# One day inside the range of `datetime`, so that every instant has a date in every time zone.
_EARLIEST = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
_LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)

# `datetime.fromisoformat` alone would accept week dates and any separator. A space before the
# offset is accepted: a `+` in a URL's query is decoded to a space.
_FORM = re.compile(
    r"""(?P<date>\d{4}-\d\d-\d\d)
        (?:[Tt\ ](?P<time>\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)
           (?P<offset>[Zz]|[-+\ ]\d\d:?\d\d)?)?""",
    re.ASCII | re.VERBOSE,
)


def parse_time(text: str, zone: ZoneInfo, *, date_means: time = START_OF_DAY) -> datetime:
    """The instant, in UTC, that an ISO 8601 or RFC 3339 text means to a person in `zone`.

    A date alone means that day at `date_means`. Raises `ValueError` with a message for the person.
    """
    form = _FORM.fullmatch(text.strip())
    if form is None:
        raise ValueError("must be a time such as 2030-05-31T17:00, or with an offset, +02:00")
    offset = (form["offset"] or "").upper().replace(" ", "+")
    clock_time = form["time"] or date_means.isoformat()
    try:
        moment = datetime.fromisoformat(f"{form['date']}T{clock_time}{offset}")
    except ValueError:
        raise ValueError("is not a time that exists") from None
    return to_instant(moment, zone)


def to_instant(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment in UTC, read in `zone` if it has no offset. Raises `ValueError` out of range."""
    try:
        instant = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        instant = None
    if instant is None or not _EARLIEST <= instant <= _LATEST:
        raise ValueError("must lie between the years 1 and 9999")
    return instant
