"""Tests of the deadline that costs next to nothing."""

from __future__ import annotations

import asyncio
import time

import pytest

from jumpseat.transport.patience import Patience


async def value(result: int) -> int:
    await asyncio.sleep(0)
    return result


async def test_what_comes_in_time_is_given() -> None:
    patience = Patience()

    assert [await patience.wait(value(number), 5) for number in range(3)] == [0, 1, 2]
    patience.stop()
    patience.stop()


async def test_what_does_not_come_is_a_timeout_and_the_next_wait_is_fresh() -> None:
    patience = Patience()
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            await patience.wait(asyncio.Event().wait(), 0.02)
        assert time.monotonic() - began < 0.5
    assert await patience.wait(value(1), 0.02) == 1
    patience.stop()


async def test_an_earlier_deadline_after_a_later_one_strikes_in_its_time() -> None:
    patience = Patience()
    await patience.wait(value(1), 60)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await patience.wait(asyncio.Event().wait(), 0.02)

    assert time.monotonic() - began < 0.5


async def test_a_timer_that_goes_off_early_is_set_anew() -> None:
    patience = Patience()
    await patience.wait(value(1), 0.01)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await patience.wait(asyncio.Event().wait(), 0.05)

    assert time.monotonic() - began >= 0.04


async def test_a_timer_that_goes_off_between_waits_harms_nobody() -> None:
    patience = Patience()
    await patience.wait(value(1), 0.001)
    await asyncio.sleep(0.01)

    assert await patience.wait(value(2), 5) == 2
    patience.stop()


async def test_a_cancelled_task_stays_cancelled() -> None:
    patience = Patience()
    task = asyncio.create_task(patience.wait(asyncio.Event().wait(), 5))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    patience.stop()


async def test_cancelled_and_late_at_once_is_cancelled() -> None:
    patience = Patience()

    async def both() -> None:
        task = asyncio.current_task()
        assert task is not None
        # The deadline passes while the loop is busy, and somebody cancels in the same round.
        asyncio.get_running_loop().call_soon(time.sleep, 0.01)
        asyncio.get_running_loop().call_soon(task.cancel)
        await patience.wait(asyncio.Event().wait(), 0.005)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(both())
