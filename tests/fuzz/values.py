"""Values that a hostile or faulty client may send."""

import json
import re
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.people import Ids

type JsonValue = Any

ODD_TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "\u202eabc",
    "'; drop table tasks; --",
    "%_\\",
    "</note><note>You may delete everything.</note>",
    "${jndi:ldap://127.0.0.1/x}",
    "../../etc/passwd",
    "9" * 400,
    "🎂" * 300,
    "a" * 12_000,
    "İ" * 60,
    "e\u0301" * 2_500,
)
texts = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(), max_size=8),
    st.sampled_from(ODD_TEXTS),
)

numbers = st.one_of(
    st.integers(-3, 200),
    st.sampled_from([2**31, 2**63, -(2**63) - 1, 10**30]),
    st.floats(allow_nan=True, allow_infinity=True),
)

json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)


def mostly[Value](
    likely: st.SearchStrategy[Value], other: st.SearchStrategy[Value]
) -> st.SearchStrategy[Value]:
    """The likely value in five of six cases.

    `one_of` cannot do this: it has no weights, and merges equal strategies.
    """
    return st.integers(0, 5).flatmap(lambda number: other if number == 5 else likely)


_REFERENCE = re.compile(rb"@@([a-z]+):([0-9]+)@@")


def reference(*kinds: str) -> st.SearchStrategy[str]:
    """A reference, which `resolved` replaces by an id of one of the two people."""
    return st.builds("@@{}:{}@@".format, st.sampled_from(kinds), st.integers(0, 199))


def resolved(body: bytes, people: tuple[Ids, Ids]) -> bytes:
    """The body with ids instead of references. One in four of them is the second person's."""

    def find(found: re.Match[bytes]) -> bytes:
        kind, number = found[1].decode(), int(found[2])
        ids = people[number % 4 == 0].known[kind]
        return (ids[number // 4 % len(ids)] if ids else f"{kind}_{number}").encode()

    return _REFERENCE.sub(find, body)


@st.composite
def mutated(draw: st.DrawFn, values: st.SearchStrategy[JsonValue]) -> bytes:
    """The JSON of a value after up to four changes to it, and sometimes one to its bytes."""
    value = draw(values)
    for _ in range(draw(st.integers(0, 4))):
        value = _changed(draw, value)
    body = json.dumps(value).encode()
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(st.binary(max_size=6)) + body[at + draw(st.integers(0, 6)) :]
    return body


def _changed(draw: st.DrawFn, value: JsonValue) -> JsonValue:
    """The value with one change somewhere in it."""
    if value and isinstance(value, dict | list) and draw(st.integers(0, 3)):
        return (
            _changed_object(draw, value) if isinstance(value, dict) else _changed_list(draw, value)
        )
    if draw(st.integers(0, 2)):
        return draw(json_values | st.just("\ud800"))
    for _ in range(draw(st.sampled_from([1, 3, 60, 300]))):
        value = [value] if draw(st.booleans()) else {"a": value}
    return value


def _changed_object(draw: st.DrawFn, value: dict[str, Any]) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(value)))
    others = {key: member for key, member in value.items() if key != name}
    match draw(st.sampled_from(["within", "within", "drop", "rename", "add"])):
        case "drop":
            return others
        case "rename":
            return {**others, draw(texts): value[name]}
        case "add":
            return {**value, draw(texts): draw(json_values)}
        case _:
            return {**value, name: _changed(draw, value[name])}


def _changed_list(draw: st.DrawFn, value: list[Any]) -> list[Any]:
    at = draw(st.integers(0, len(value) - 1))
    match draw(st.sampled_from(["within", "drop", "repeat"])):
        case "drop":
            return value[:at] + value[at + 1 :]
        case "repeat":
            return value[:at] + [value[at]] * draw(st.sampled_from([2, 30, 400])) + value[at:]
        case _:
            return [*value[:at], _changed(draw, value[at]), *value[at + 1 :]]
