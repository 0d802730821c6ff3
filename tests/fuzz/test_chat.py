"""Valid and invalid requests of the ChatKit protocol, in any order."""

import contextlib
import json
import time
from collections.abc import Callable

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.conftest import HANG_SECONDS, MANY, SECONDS
from tests.fuzz.people import Person
from tests.fuzz.protocol import SENTENCES, requests
from tests.fuzz.report import Report, TimeIsUp
from tests.fuzz.values import mutated, resolved
from tests.support.chat import message

pytestmark = pytest.mark.timeout(SECONDS + 300)


def test_no_request_of_the_protocol_does_harm(
    sender: Person, other: Person, conclude: Callable[[Report], None]
) -> None:
    report = Report("ChatKit", HANG_SECONDS)
    bodies = requests().map(json.dumps).map(str.encode) | mutated(requests())

    @MANY
    @given(bodies, st.none() | st.none() | st.integers(0, 99).map("key-{}".format))
    def send(body: bytes, key: str | None) -> None:
        report.require_time(SECONDS)
        content = resolved(body, (sender.ids, other.ids))
        _exchange(sender, report, content, {} if key is None else {"Idempotency-Key": key})
        if report.requests % 10 == 0:
            _require_good_request(sender, report, content)

    with contextlib.suppress(TimeIsUp):
        send()
    conclude(report)


def _exchange(sender: Person, report: Report, body: bytes, headers: dict[str, str]) -> None:
    request = body.decode("utf-8", "replace")
    began_at = time.monotonic()
    try:
        response = sender.client.post(
            "/api/chatkit", content=body, headers=headers, timeout=HANG_SECONDS
        )
    except httpx2.HTTPError as error:
        report.fail(request, repr(error))
        return
    seconds = time.monotonic() - began_at
    report.add(request, response.status_code, seconds, f"{response.headers} {response.text}")
    if response.is_success:
        _learn(sender, response.text)


def _learn(sender: Person, text: str) -> None:
    for line in text.split("\n"):  # not splitlines(): the data may have other line separators
        data = line.removeprefix("data: ")
        if data.startswith(("{", "[")):
            sender.ids.learn(json.loads(data))


def _require_good_request(sender: Person, report: Report, after: bytes) -> None:
    """A conversation can be started. It also provides ids for the next requests."""
    try:
        sender.events("threads.create", {"input": message(SENTENCES[1])})
        threads = sender.post("threads.list", {"limit": 20}).json()["data"]
    except (AssertionError, httpx2.HTTPError) as error:
        report.fail(after.decode("utf-8", "replace"), f"then a good request: {error!r}")
    else:
        sender.ids.known["thread"] = [thread["id"] for thread in threads]
