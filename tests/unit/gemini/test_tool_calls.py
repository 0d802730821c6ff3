"""Fragments of tool calls, as different servers cut and number them."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskchat.gemini.tool_calls import ToolCallNormaliser

Fragment = dict[str, Any]


def fragment(arguments: object = "", name: str | None = None, **members: object) -> Fragment:
    return {"function": {"name": name, "arguments": arguments}, **members}


def merged(deltas: Sequence[Sequence[Fragment]], used: Sequence[str] = ()) -> list[Fragment]:
    """The calls as a client merges them, by their index."""
    normaliser = ToolCallNormaliser(used)
    calls: dict[int, Fragment] = {}
    for delta in deltas:
        for part in normaliser.normalise(list(delta)):
            call = calls.setdefault(part["index"], {"name": "", "arguments": "", "id": ""})
            call["name"] = part["function"]["name"] or call["name"]
            call["id"] = part["id"] or call["id"]
            call["arguments"] += part["function"]["arguments"]
    return list(calls.values())


def calls_of(deltas: Sequence[Sequence[Fragment]]) -> list[tuple[str, str]]:
    calls = merged(deltas)
    assert len({call["id"] for call in calls}) == len(calls)
    return [(call["name"], call["arguments"]) for call in calls]


@pytest.mark.parametrize(
    ("deltas", "calls"),
    [
        pytest.param(
            [[fragment('{"a":1}', "f", index=0), fragment('{"a":1}', "f", index=0)]],
            [("f", '{"a":1}'), ("f", '{"a":1}')],
            id="the same call twice",
        ),
        pytest.param(
            [[fragment("", "f", index=0, id="x")], [fragment("", "g", index=0, id="y")]],
            [("f", ""), ("g", "")],
            id="without arguments",
        ),
        pytest.param(
            [
                [fragment('{"a"', "f", index=0, id="x"), fragment('{"b"', "f", index=1, id="y")],
                [fragment(":1}", index=0), fragment(":2}", index=1)],
            ],
            [("f", '{"a":1}'), ("f", '{"b":2}')],
            id="fragments of two calls interleaved",
        ),
        pytest.param(
            [[fragment('{"a"', "f", index=0, id="x")], [fragment(":1}", "f", index=0, id="x")]],
            [("f", '{"a":1}')],
            id="id and name in each fragment",
        ),
        pytest.param(
            [[fragment('{"a"', "f", id="x")], [fragment(":1}")], [fragment("{}", "g", id="y")]],
            [("f", '{"a":1}'), ("g", "{}")],
            id="fragments without index",
        ),
        pytest.param(
            [
                [fragment('{"a"', "f", id="x")],
                [fragment('{"b"', "g", id="y")],
                [fragment(":1}", id="x"), fragment(":2}", id="y")],
            ],
            [("f", '{"a":1}'), ("g", '{"b":2}')],
            id="fragments told apart by their id alone",
        ),
        pytest.param(
            [[{"index": 0, "id": "x"}], [fragment("{}", "f", index=0)]],
            [("f", "{}")],
            id="the name after the id",
        ),
        pytest.param(
            [[fragment({"a": 1}, "f", index=0)]], [("f", '{"a": 1}')], id="arguments as an object"
        ),
        pytest.param([[fragment(None, "f", index=0)]], [("f", "")], id="no arguments at all"),
    ],
)
def test_calls_are_told_apart(deltas: list[list[Fragment]], calls: list[tuple[str, str]]) -> None:
    assert calls_of(deltas) == calls


def test_a_type_is_added_and_foreign_members_stay() -> None:
    [part] = ToolCallNormaliser().normalise([fragment("{}", "f", extra_content={"google": {}})])

    assert part["type"] == "function"
    assert part["extra_content"] == {"google": {}}


def test_an_id_of_an_earlier_answer_is_not_used_again() -> None:
    [call] = merged([[fragment("{}", "f", id="call_0")]], used=["call_0"])

    assert call["id"] != "call_0"


@pytest.mark.parametrize("nonsense", [None, 7, "x", [None, 7], {}])
def test_what_is_no_list_of_calls_is_dropped(nonsense: object) -> None:
    assert ToolCallNormaliser().normalise(nonsense) == []


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4), st.integers(1, 7))
def test_whole_and_fragmented_calls_come_out_the_same(titles: list[str], size: int) -> None:
    arguments = [json.dumps({"title": title}) for title in titles]
    whole = [[fragment(each, "f", index=0, id="") for each in arguments]]
    pieces = [
        [
            fragment(
                each[at : at + size], **({"name": "f", "id": f"c{i}"} if not at else {}), index=i
            )
        ]
        for i, each in enumerate(arguments)
        for at in range(0, len(each), size)
    ]

    assert calls_of(whole) == calls_of(pieces) == [("f", each) for each in arguments]
