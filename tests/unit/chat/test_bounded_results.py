"""What of a tool's result goes to the model."""

import json

import pytest

from functions.chatkit.answer.safeguards import MAX_ALL_OUTPUT_CHARACTERS, Safeguards
from taskchat.tools import bounded


def size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False))


def test_a_result_that_fits_is_left_as_it_is() -> None:
    result = {"tasks": [1, 2, 3], "has_more": False}
    assert bounded(result, size(result)) is result


@pytest.mark.parametrize("most", [200, 1_000, 5_000])
def test_a_list_loses_its_last_members_and_says_how_many(most: int) -> None:
    tasks = [{"title": "x" * 50} for _ in range(100)]
    cut = bounded({"tasks": tasks, "has_more": True}, most)
    assert size(cut) <= most
    kept = cut["tasks"]
    assert kept == tasks[: len(kept)]
    assert cut["left_out"].startswith(f"{100 - len(kept)} more ")
    assert cut["has_more"] is True


def test_what_cannot_be_cut_is_left_out_altogether() -> None:
    cut = bounded({"title": "x" * 1_000}, 500)
    assert "x" not in json.dumps(cut).replace("left_out", "")
    assert "left_out" in cut


def test_a_call_that_is_made_again_counts_once() -> None:
    safeguards = Safeguards()
    assert all(safeguards.may_delete("call_1") for _ in range(10))
    assert [safeguards.may_delete(f"call_{n}") for n in range(2, 6)] == [True, True, False, False]
    assert safeguards.may_delete("call_1")
    assert not safeguards.may_delete("call_5")


def test_all_outputs_together_are_bounded() -> None:
    safeguards = Safeguards()
    result = {"tasks": ["x" * 1_000] * 19}
    outputs = []
    for _ in range(30):
        outputs.append(json.dumps(safeguards.bounded(result)))
        safeguards.count_output(outputs[-1])
    assert sum(map(len, outputs)) <= MAX_ALL_OUTPUT_CHARACTERS + 30 * 100
    assert "x" not in outputs[-1]
