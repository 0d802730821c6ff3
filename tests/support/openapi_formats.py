"""Generates values of our OpenAPI document's custom formats, for Schemathesis.

Its command line loads the module that `SCHEMATHESIS_HOOKS` names.
"""

from datetime import datetime, timedelta, timezone

import schemathesis
from hypothesis import strategies as st

from functions.api.dependencies import TIMEZONE_FORMAT
from functions.api.tasks import CURSOR_FORMAT
from taskchat.clock import utc_now
from taskchat.tasks.cursors import Cursor

# The calendar's first and last days are rejected: in some time zone they lie outside the calendar.
FIRST, LAST = datetime(1, 1, 3), datetime(9999, 12, 29)
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))

schemathesis.openapi.format("date", st.dates(FIRST.date(), LAST.date()).map(str))
schemathesis.openapi.format(
    "date-time", st.datetimes(FIRST, LAST, timezones=OFFSETS).map(datetime.isoformat)
)
schemathesis.openapi.format("date-time-local", st.datetimes(FIRST, LAST).map(datetime.isoformat))
schemathesis.openapi.format(
    TIMEZONE_FORMAT,
    st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland", "America/New_York"]),
)
schemathesis.openapi.format(
    CURSOR_FORMAT,
    st.builds(
        Cursor, done=st.booleans(), due_at=st.none() | st.just(utc_now()), seq=st.integers(0, 100)
    ).map(Cursor.encode),
)
