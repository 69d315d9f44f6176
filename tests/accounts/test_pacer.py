"""Slots lent to those who wait for them."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from jumpseat.accounts.pacer import Pacer, Slot
from jumpseat.accounts.pacing import Limits
from jumpseat.model.errors import RateLimited
from jumpseat.settings import Settings


class ManualTime:
    """A clock, and the timers that hang on it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.entries: list[ManualTime.Entry] = []

    class Entry:
        def __init__(self, time: "ManualTime", moment: float, call: Callable[[], None]) -> None:
            self.time, self.moment, self.call = time, moment, call

        def cancel(self) -> None:
            if self in self.time.entries:
                self.time.entries.remove(self)

    def clock(self) -> float:
        return self.now

    def after(self, seconds: float, call: Callable[[], None]) -> Entry:
        entry = self.Entry(self, self.now + seconds, call)
        self.entries.append(entry)
        return entry

    async def pass_by(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [entry for entry in self.entries if entry.moment <= end]:
            entry = min(due, key=lambda entry: entry.moment)
            self.entries.remove(entry)
            self.now = max(self.now, entry.moment)
            entry.call()
            await settle()
        self.now = end
        await settle()


async def settle() -> None:
    """Let everybody run who can."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def time() -> ManualTime:
    return ManualTime()


def pacer_of(time: ManualTime, limits: Limits) -> Pacer:
    return Pacer({"microsoft": limits}, clock=time.clock, after=time.after)


def ask(pacer: Pacer, caller: str = "local", key: str = "microsoft/environment") -> asyncio.Task[Slot]:
    return asyncio.ensure_future(pacer.lend(key, caller=caller))


async def test_as_many_as_may_go_at_once_do(time: ManualTime) -> None:
    pacer = pacer_of(time, Limits(at_once=2))
    first, second, third = (ask(pacer) for _ in range(3))
    await settle()
    assert (first.done(), second.done(), third.done()) == (True, True, False)

    first.result().give_back()
    await settle()

    assert third.done()


async def test_accounts_do_not_wait_for_each_other(time: ManualTime) -> None:
    pacer = pacer_of(time, Limits(at_once=1))

    slots = [await pacer.lend(account, caller="local") for account in ("microsoft/one", "microsoft/two")]

    assert len(slots) == 2


async def test_the_minute_lets_the_next_one_in_by_itself(time: ManualTime) -> None:
    pacer = pacer_of(time, Limits(at_once=9, per_minute=2))
    first, second, third, fourth = (ask(pacer) for _ in range(4))
    await settle()
    await time.pass_by(59.5)
    assert (first.done(), second.done(), third.done()) == (True, True, False)

    await time.pass_by(0.5)

    assert third.done()
    assert fourth.done()
    assert time.entries == []


async def test_a_slot_given_back_too_early_waits_for_the_minute(time: ManualTime) -> None:
    pacer = pacer_of(time, Limits(at_once=1, per_minute=1))
    first, second = ask(pacer), ask(pacer)
    await settle()

    first.result().give_back()
    await time.pass_by(59)
    assert not second.done()
    await time.pass_by(1)

    assert second.done()


async def test_a_newcomer_does_not_overtake_when_the_timer_is_late(time: ManualTime) -> None:
    pacer = pacer_of(time, Limits(per_minute=1))
    await ask(pacer)
    patient = ask(pacer)
    await settle()

    time.now += 61  # The timer has not gone off yet.
    newcomer = ask(pacer)
    await settle()

    assert patient.done()
    assert not newcomer.done()
    newcomer.cancel()
    await settle()
    assert time.entries == []


async def test_callers_take_turns(time: ManualTime) -> None:
    pacer = pacer_of(time, Limits(at_once=1))
    held = await ask(pacer)
    order: list[str] = []

    async def turn(caller: str) -> None:
        slot = await pacer.lend("microsoft/environment", caller=caller)
        order.append(caller)
        await settle()
        slot.give_back()

    turns = [asyncio.ensure_future(turn(caller)) for caller in "aaab"]
    await settle()
    held.give_back()
    await asyncio.gather(*turns)

    assert order == ["a", "b", "a", "a"]


async def test_a_full_queue_is_told_with_the_true_wait(time: ManualTime) -> None:
    pacer = pacer_of(time, Limits(per_minute=1, queue=1))
    await ask(pacer)
    time.now += 15
    waiting = ask(pacer)
    await settle()

    with pytest.raises(RateLimited) as full:
        await ask(pacer)
    assert full.value.code == "queue_full"
    assert full.value.retry_after == 45.0

    await time.pass_by(full.value.retry_after)
    assert waiting.done()
    again = ask(pacer)  # Now there is a place to wait.
    await settle()
    again.cancel()


async def test_one_cancelled_while_waiting_leaves_no_trace(time: ManualTime) -> None:
    pacer = pacer_of(time, Limits(at_once=1, per_minute=2, queue=1))
    held = await ask(pacer)
    gone = ask(pacer)
    await settle()

    gone.cancel()
    await settle()
    assert gone.cancelled()
    stays = ask(pacer)
    await settle()
    held.give_back()
    await settle()

    assert stays.done()
    assert time.entries == []


@pytest.mark.parametrize("cancel_first", [True, False])
async def test_one_cancelled_when_its_turn_has_come_passes_it_on(
    time: ManualTime, cancel_first: bool
) -> None:
    pacer = pacer_of(time, Limits(at_once=1))
    held = await ask(pacer)
    gone, stays = ask(pacer), ask(pacer)
    await settle()

    if cancel_first:
        gone.cancel()
    held.give_back()
    gone.cancel()
    await settle()

    assert gone.cancelled()
    assert stays.done()


async def test_giving_back_twice_lets_only_one_in(time: ManualTime) -> None:
    pacer = pacer_of(time, Limits(at_once=1))
    held = await ask(pacer)
    second, third = ask(pacer), ask(pacer)
    await settle()

    held.give_back()
    held.give_back()
    await settle()

    assert second.done()
    assert not third.done()
    third.cancel()


async def test_the_settings_give_the_limits(tmp_path: Path) -> None:
    pacer = Pacer.of(Settings(home=tmp_path, microsoft_concurrency=1, microsoft_per_minute=3, queue_limit=0))

    slot = await pacer.lend("microsoft/environment", caller="local")
    with pytest.raises(RateLimited):
        await pacer.lend("microsoft/environment", caller="local")
    slot.give_back()
    for _ in range(2):
        (await pacer.lend("microsoft/environment", caller="local")).give_back()
    with pytest.raises(RateLimited) as fast:
        await pacer.lend("microsoft/environment", caller="local")
    assert fast.value.retry_after == pytest.approx(60, abs=5)

    for _ in range(2):
        await pacer.lend("github/environment", caller="local")
    with pytest.raises(RateLimited):
        await pacer.lend("github/environment", caller="local")


async def test_pacing_turned_off_never_waits(tmp_path: Path) -> None:
    pacer = Pacer.of(Settings(home=tmp_path, pace=False, queue_limit=0, microsoft_concurrency=1))

    slots = [await pacer.lend("microsoft/environment", caller="local") for _ in range(100)]

    assert len(slots) == 100
    for slot in slots:
        slot.give_back()


async def test_the_clock_of_the_event_loop_is_used_where_none_is_given() -> None:
    pacer = Pacer({"microsoft": Limits(per_minute=1)})
    await ask(pacer)
    waiting = ask(pacer)
    await settle()

    assert not waiting.done()
    waiting.cancel()
