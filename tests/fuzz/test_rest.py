"""Requests to the REST API, valid and invalid by its OpenAPI document, in any order."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from tests.fuzz.conftest import HANG_SECONDS, MANY, SECONDS
from tests.fuzz.people import Person
from tests.fuzz.report import Report, TimeIsUp
from tests.fuzz.system import System
from tests.fuzz.values import json_values, mostly, mutated, reference, resolved

_KINDS = {"task_id": "task", "change_id": "change", "thread_id": "thread"}
_IDS = st.fixed_dictionaries({name: reference(kind) for name, kind in _KINDS.items()})
_FIELDS = st.sampled_from(
    ["title", "description", "priority", "tags", "due_at", "completed", "token", "confirm"]
)
_BODIES = mutated(st.dictionaries(_FIELDS, json_values, max_size=5))

pytestmark = pytest.mark.timeout(SECONDS + 300)


def test_no_request_to_the_rest_api_does_harm(
    system: System, sender: Person, other: Person, conclude: Callable[[Report], None]
) -> None:
    report = Report("REST", HANG_SECONDS)
    schema = schemathesis.openapi.from_url(f"{system.url}/api/openapi.json")
    cases = st.one_of([schema.as_strategy(generation_mode=mode) for mode in GenerationMode])

    @MANY
    @given(cases, st.none() | _IDS, mostly(st.none(), _BODIES))
    def send(case: Case[Any], ids: dict[str, str] | None, body: bytes | None) -> None:
        report.require_time(SECONDS)
        if ids:
            people = (sender.ids, other.ids)
            case.path_parameters = {
                name: resolved(ids[name].encode(), people).decode()
                for name in case.path_parameters or {}
            }
        _exchange(sender, report, case, {} if body is None else {"data": body})
        if report.requests % 10 == 0:
            good = sender.client.get("/api/tasks")
            if not good.is_success:
                report.fail(_shown(case), f"then a good request: {good.text}")

    with contextlib.suppress(TimeIsUp):
        send()
    conclude(report)


def _exchange(sender: Person, report: Report, case: Case[Any], options: dict[str, Any]) -> None:
    headers = {"Authorization": sender.client.headers["authorization"]}
    began_at = time.monotonic()
    try:
        response = case.call(headers=headers, timeout=HANG_SECONDS, **options)
    except OSError as error:  # the base class of the HTTP client's errors
        report.fail(_shown(case), repr(error))
        return
    seconds = time.monotonic() - began_at
    text = response.content.decode("utf-8", "replace")
    report.add(_shown(case), response.status_code, seconds, f"{response.headers} {text}")
    sender.ids.learn(response.headers.get("x-change-id", []))
    with contextlib.suppress(ValueError):
        sender.ids.learn(response.json())


def _shown(case: Case[Any]) -> str:
    return case.as_curl_command()
