import base64
import json
from datetime import UTC, datetime

import pytest

from taskchat.errors import BadRequestError
from taskchat.tasks.cursors import Cursor


@pytest.mark.parametrize("due_at", [None, datetime(2030, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)])
def test_a_cursor_comes_back_as_it_was_given(due_at: datetime | None) -> None:
    cursor = Cursor(done=True, due_at=due_at, seq=7)
    text = cursor.encode()
    assert Cursor.decode(text) == cursor
    assert text.isascii()
    assert not set(text) & set("+/=")


def encoded(values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "ünï",
        "\ud800",
        "\0",
        "a" * 100_000,
        encoded(None),
        encoded([]),
        encoded({"done": False}),
        encoded({"done": False, "due_at": None, "seq": -1}),
        encoded({"done": False, "due_at": None, "seq": 10**30}),
        encoded({"done": False, "due_at": None, "seq": 2**63}),
        encoded({"done": False, "due_at": "9999-12-31T23:59:59Z", "seq": 1}),
        encoded({"done": False, "due_at": "infinity", "seq": 1}),
        encoded({"done": False, "due_at": None, "seq": 1, "user_id": "bob"}),
    ],
)
def test_a_text_that_is_no_cursor_is_a_bad_request(text: str) -> None:
    with pytest.raises(BadRequestError, match="cursor"):
        Cursor.decode(text)
