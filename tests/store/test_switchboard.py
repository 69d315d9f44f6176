"""Leases: one holder for each key, first come, first served."""

import asyncio
from collections.abc import Callable

import pytest

from jumpseat.model.errors import ConversationBusy
from jumpseat.store.switchboard import LocalSwitchboard


class ManualTimer:
    """Timers that go off when the test says so."""

    def __init__(self) -> None:
        self.pending: list[ManualTimer.Entry] = []

    class Entry:
        def __init__(self, timer: "ManualTimer", call: Callable[[], None]) -> None:
            self.timer, self.call = timer, call

        def cancel(self) -> None:
            if self in self.timer.pending:
                self.timer.pending.remove(self)

    def __call__(self, _seconds: float, call: Callable[[], None]) -> Entry:
        entry = self.Entry(self, call)
        self.pending.append(entry)
        return entry

    def go_off(self) -> None:
        self.pending.pop(0).call()


@pytest.fixture
def timer() -> ManualTimer:
    return ManualTimer()


@pytest.fixture
def board(timer: ManualTimer) -> LocalSwitchboard:
    return LocalSwitchboard(after=timer)


async def settle() -> None:
    """Let everybody run who can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_free_lease_is_given_at_once(board: LocalSwitchboard) -> None:
    one = await board.lease("a", wait=0)
    other = await board.lease("b", wait=0)

    one.give_back()
    other.give_back()

    assert len(board) == 0
    (await board.lease("a", wait=0)).give_back()


async def test_those_who_wait_come_in_order(board: LocalSwitchboard, timer: ManualTimer) -> None:
    order: list[int] = []

    async def turn(number: int) -> None:
        lease = await board.lease("a", wait=1)
        order.append(number)
        await settle()
        lease.give_back()

    first = await board.lease("a", wait=1)
    turns = [asyncio.ensure_future(turn(number)) for number in range(5)]
    await settle()
    assert order == []
    first.give_back()
    await asyncio.gather(*turns)

    assert order == [0, 1, 2, 3, 4]
    assert len(board) == 0
    assert timer.pending == []


async def test_whoever_waits_too_long_is_told_so(board: LocalSwitchboard, timer: ManualTimer) -> None:
    held = await board.lease("a", wait=1)
    impatient = asyncio.ensure_future(board.lease("a", wait=1.5))
    patient = asyncio.ensure_future(board.lease("a", wait=9))
    await settle()

    timer.go_off()

    with pytest.raises(ConversationBusy, match=r"waited 1\.5 seconds") as busy:
        await impatient
    assert busy.value.retry_after > 0
    held.give_back()
    (await patient).give_back()
    assert len(board) == 0
    assert timer.pending == []


async def test_whoever_does_not_wait_is_told_at_once(board: LocalSwitchboard) -> None:
    held = await board.lease("a", wait=0)

    with pytest.raises(ConversationBusy):
        await board.lease("a", wait=0)
    held.give_back()


async def test_one_cancelled_while_waiting_leaves_no_trace(
    board: LocalSwitchboard, timer: ManualTimer
) -> None:
    held = await board.lease("a", wait=1)
    gone = asyncio.ensure_future(board.lease("a", wait=1))
    stays = asyncio.ensure_future(board.lease("a", wait=1))
    await settle()

    gone.cancel()
    await settle()
    held.give_back()

    (await stays).give_back()
    assert gone.cancelled()
    assert len(board) == 0
    assert timer.pending == []


async def test_one_cancelled_when_its_turn_has_come_passes_it_on(
    board: LocalSwitchboard, timer: ManualTimer
) -> None:
    held = await board.lease("a", wait=1)
    gone = asyncio.ensure_future(board.lease("a", wait=1))
    stays = asyncio.ensure_future(board.lease("a", wait=1))
    await settle()

    held.give_back()
    gone.cancel()

    (await stays).give_back()
    assert len(board) == 0
    assert timer.pending == []


async def test_one_cancelled_before_it_runs_again_is_passed_over(
    board: LocalSwitchboard, timer: ManualTimer
) -> None:
    held = await board.lease("a", wait=1)
    gone = asyncio.ensure_future(board.lease("a", wait=1))
    stays = asyncio.ensure_future(board.lease("a", wait=1))
    await settle()

    gone.cancel()
    held.give_back()

    (await stays).give_back()
    assert gone.cancelled()
    assert len(board) == 0


async def test_the_last_one_cancelled_leaves_the_key_free(board: LocalSwitchboard) -> None:
    held = await board.lease("a", wait=1)
    gone = asyncio.ensure_future(board.lease("a", wait=1))
    await settle()

    gone.cancel()
    held.give_back()
    await settle()

    assert len(board) == 0


async def test_time_that_runs_out_when_the_turn_has_come_changes_nothing(
    board: LocalSwitchboard, timer: ManualTimer
) -> None:
    held = await board.lease("a", wait=1)
    waiting = asyncio.ensure_future(board.lease("a", wait=1))
    await settle()

    held.give_back()
    timer.go_off()

    (await waiting).give_back()
    assert len(board) == 0


async def test_giving_back_twice_lets_only_one_in(board: LocalSwitchboard) -> None:
    first = await board.lease("a", wait=1)
    second = asyncio.ensure_future(board.lease("a", wait=1))
    third = asyncio.ensure_future(board.lease("a", wait=1))
    await settle()

    first.give_back()
    first.give_back()
    await settle()

    assert second.done()
    assert not third.done()
    (await second).give_back()
    (await third).give_back()


async def test_the_clock_of_the_event_loop_is_used_where_none_is_given() -> None:
    board = LocalSwitchboard()
    held = await board.lease("a", wait=1)

    with pytest.raises(ConversationBusy):
        await board.lease("a", wait=0.001)
    held.give_back()


async def test_one_who_is_cancelled_just_as_he_gives_up_lets_nobody_in(
    board: LocalSwitchboard, timer: ManualTimer
) -> None:
    held = await board.lease("a", wait=1)
    late = asyncio.ensure_future(board.lease("a", wait=1))
    next_one = asyncio.ensure_future(board.lease("a", wait=1))
    await settle()
    timer.go_off()
    late.cancel()
    await settle()

    assert late.cancelled()
    assert not next_one.done()
    held.give_back()
    (await next_one).give_back()
    assert len(board) == 0
