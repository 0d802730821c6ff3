import json
from datetime import UTC, datetime
from typing import Any

import pytest
from chatkit.types import FileAttachment, HiddenContextItem
from hypothesis import given
from hypothesis import strategies as st

from taskchat.clock import utc_now
from taskchat.threads.storable import (
    storable_json,
    storable_payload,
    storable_text,
    storable_time,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()))
REPLACED = "\N{REPLACEMENT CHARACTER}"


@given(ANY_TEXT)
def test_only_nul_and_surrogates_are_replaced(text: str) -> None:
    storable = storable_text(text)
    storable.encode()
    assert "\x00" not in storable
    for before, after in zip(text, storable, strict=True):
        unstorable = before == "\x00" or "\ud800" <= before <= "\udfff"
        assert after == (REPLACED if unstorable else before)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ({"a\x00": ("\ud800", {"\udfff": 1})}, {f"a{REPLACED}": [REPLACED, {REPLACED: 1}]}),
        ([float("nan"), float("inf"), 1.5], [None, None, 1.5]),
        ({"at": datetime(2026, 1, 2, tzinfo=UTC)}, {"at": "2026-01-02T00:00:00Z"}),
        (FileAttachment(id="a", name="b\x00", mime_type="c").model_dump()["name"], f"b{REPLACED}"),
        (10**30, 10**30),
    ],
)
def test_any_value_becomes_json_that_postgres_takes(value: Any, stored: Any) -> None:
    assert json.loads(json.dumps(storable_json(value).obj)) == stored


def test_fields_with_a_column_of_their_own_stay_out_of_the_payload() -> None:
    item = HiddenContextItem(id="msg_1", thread_id="thr_1", created_at=utc_now(), content="x")
    payload = storable_payload(item, beside={"id", "thread_id", "type", "created_at"})
    assert payload.obj == {"content": "x"}


def test_a_time_without_zone_is_local() -> None:
    local = datetime(2026, 7, 1, 12)
    assert storable_time(local) == local.astimezone(UTC)
    assert storable_time(local).tzinfo is UTC
