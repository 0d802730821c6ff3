"""How a run ends is decided once, by the first reason."""

import asyncio

import pytest

from taskchat.runs.end_reason import COMPLETED, STOPPED, EndReason, RunEnd, failed

REASONS = [COMPLETED, STOPPED, failed("too slow"), failed("refused", retryable=False)]


@pytest.mark.parametrize("first", REASONS)
@pytest.mark.parametrize("second", REASONS)
def test_the_first_reason_counts(first: EndReason, second: EndReason) -> None:
    end = RunEnd()
    assert end.reason is None

    assert end.decide(first) is first
    assert end.decide(second) is first
    assert end.reason is first


async def test_who_waits_for_the_end_is_woken_by_its_reason() -> None:
    end = RunEnd()
    waiting = asyncio.create_task(end.wait())
    await asyncio.sleep(0)
    assert not waiting.done()

    end.decide(STOPPED)
    await asyncio.wait_for(waiting, 5)
    await asyncio.wait_for(end.wait(), 5)
