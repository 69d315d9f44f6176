"""What lives for a while: fetched once for all who wait, renewed in time, its errors everybody's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from jumpseat import renewal
from jumpseat.model.errors import ConversationBusy, JumpseatError, RateLimited, UpstreamBroke, UpstreamTimeout
from jumpseat.renewal import Keeper
from tests.source import LIFE, Source, settle


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.mark.parametrize(("chance", "part"), [(0.0, 0.75), (0.5, 0.80), (1.0, 0.85)])
async def test_it_is_renewed_around_eighty_percent_of_its_life(chance: float, part: float) -> None:
    source = Source(chance=chance)
    await source.current()

    source.now += LIFE * part - 1
    assert await source.current() == 1
    await settle()
    assert source.begun == 1
    source.now += 1.001
    assert await source.current() == 1
    await settle()
    assert await source.current() == 2
    assert source.begun == 2


async def test_the_old_one_serves_while_the_new_one_is_fetched(source: Source) -> None:
    await source.current()
    source.gate.clear()
    source.now += LIFE * 0.9

    for _ in range(20):
        assert await source.current() == 1
        await settle()
    assert source.under_way == 1
    source.gate.set()
    await settle()

    assert await source.current() == 2
    assert source.begun == 2


@pytest.mark.parametrize(("life", "margin"), [(3600.0, 60.0), (600.0, 60.0), (100.0, 10.0), (2.0, 0.2)])
async def test_it_is_not_used_in_the_last_part_of_its_life(life: float, margin: float) -> None:
    source = Source()
    source.life = life
    await source.current()

    source.now += life - margin - 0.001
    assert await source.current() == 1
    await settle()
    source.now += life
    assert await source.current() == 3


async def test_the_life_counts_from_the_asking_on(source: Source) -> None:
    source.gate.clear()
    waiting = asyncio.create_task(source.current())
    await settle()
    source.now += LIFE
    source.gate.set()

    assert await waiting == 1  # Who waited for it gets it all the same.
    assert await source.current() == 2


async def test_a_renewal_that_fails_is_tried_again_later_and_nobody_hears_of_it(source: Source) -> None:
    await source.current()
    source.failure = UpstreamBroke("out of order")
    source.now += LIFE * 0.80
    begun = []
    for _ in range(8):
        assert await source.current() == 1
        await settle()
        begun.append(source.begun)
        source.now += 60

    # It waits for one minute, two, and four.
    assert begun == [2, 3, 3, 4, 4, 4, 4, 5]


async def test_the_error_is_for_the_next_who_needs_it(source: Source) -> None:
    await source.current()
    source.failure = UpstreamBroke("out of order")
    source.now += LIFE * 0.80
    assert await source.current() == 1
    await settle()
    source.now += LIFE * 0.20

    with pytest.raises(UpstreamBroke, match="out of order"):
        await source.current()
    source.failure = None
    assert await source.current() == 4


async def test_a_service_that_says_when_to_come_again_is_asked_no_earlier(source: Source) -> None:
    await source.current()
    source.failure = RateLimited("too often", retry_after=300)
    source.now += LIFE * 0.80
    await source.current()
    await settle()

    for seconds, begun in ((299, 2), (1, 3)):
        source.now += seconds
        assert await source.current() == 1
        await settle()
        assert source.begun == begun


async def test_what_stops_a_key_stops_it_for_good_and_no_other(source: Source) -> None:
    await source.current()
    source.failure = UpstreamBroke("stop it")
    source.now += LIFE * 0.80
    await source.current()
    await settle()
    source.failure = None

    with pytest.raises(UpstreamBroke, match="stop it"):
        await source.current()
    with pytest.raises(UpstreamBroke, match="stop it"):
        await source.renewed(1)
    assert source.begun == 2
    assert await source.current("other") == 3


async def test_one_fetch_serves_all_who_wait(source: Source) -> None:
    source.gate.clear()
    waiting = [asyncio.create_task(source.current()) for _ in range(50)]
    await settle()
    source.gate.set()

    assert await asyncio.gather(*waiting) == [1] * 50
    assert source.begun == 1


ERRORS: tuple[Callable[[], JumpseatError], ...] = (
    lambda: UpstreamBroke("broke", code="bad", may_be_delivered=True),
    lambda: RateLimited("limited", retry_after=5),
    lambda: UpstreamTimeout("slow", which="connect"),
    lambda: ConversationBusy("busy", retry_after=1),
)


@pytest.mark.parametrize("make", ERRORS, ids=lambda make: type(make()).__name__)
async def test_an_error_is_shared_and_everybody_gets_his_own(
    source: Source, make: Callable[[], JumpseatError]
) -> None:
    source.failure = make()
    source.failure.__cause__ = cause = OSError("the reason")
    source.gate.clear()
    waiting = [asyncio.create_task(source.current()) for _ in range(3)]
    await settle()
    source.gate.set()
    errors = await asyncio.gather(*waiting, return_exceptions=True)

    assert source.begun == 1
    assert len({id(error) for error in (*errors, source.failure)}) == 4
    for error in errors:
        assert isinstance(error, JumpseatError)
        assert (type(error), str(error)) == (type(source.failure), str(source.failure))
        assert vars(error) == vars(source.failure)
        assert error.__cause__ is cause
        error.may_be_delivered = not error.may_be_delivered
    assert source.failure.may_be_delivered == make().may_be_delivered


async def test_who_is_cancelled_takes_nobody_along(source: Source) -> None:
    source.gate.clear()
    waiting = [asyncio.create_task(source.current()) for _ in range(3)]
    await settle()
    waiting[0].cancel()
    await settle()
    source.gate.set()

    assert waiting[0].cancelled()
    assert await asyncio.gather(*waiting[1:]) == [1, 1]


async def test_a_fetch_outlives_all_who_were_cancelled_and_serves_the_next(source: Source) -> None:
    source.gate.clear()
    waiting = asyncio.create_task(source.current())
    await settle()
    waiting.cancel()
    await settle()
    source.gate.set()
    await settle()

    assert await source.current() == 1
    assert source.begun == 1


async def test_a_failure_that_nobody_waits_for_any_more_bothers_nobody(source: Source) -> None:
    source.failure = UpstreamBroke("out of order")
    source.gate.clear()
    waiting = asyncio.create_task(source.current())
    await settle()
    waiting.cancel()
    source.gate.set()
    await settle()

    source.failure = None
    assert await source.current() == 2


async def test_impatience_is_everybodys_own(source: Source) -> None:
    source.gate.clear()
    patient = asyncio.create_task(source.current())
    with pytest.raises(TimeoutError):
        await source.current(seconds=0.001)
    source.gate.set()

    assert await patient == 1


async def test_the_last_one_whose_patience_ends_ends_the_fetch(source: Source) -> None:
    source.gate.clear()
    with pytest.raises(TimeoutError):
        await source.current(seconds=0.001)
    await settle()
    assert source.under_way == 0
    source.gate.set()

    assert await source.current() == 2


async def test_the_refused_one_is_given_to_nobody_any_more(source: Source) -> None:
    await source.current()
    source.gate.clear()
    waiting = [asyncio.create_task(source.renewed(1)) for _ in range(3)]
    await settle()
    waiting.append(asyncio.create_task(source.current()))
    await settle()
    source.gate.set()

    assert await asyncio.gather(*waiting) == [2] * 4
    assert await source.renewed(1) == 2  # Who comes late with the old refusal.
    assert source.begun == 2


async def test_one_that_ended_is_no_answer_to_a_refusal(source: Source) -> None:
    await source.current()
    source.now += LIFE

    assert await source.renewed(0) == 2


async def test_a_refusal_of_what_was_never_kept_fetches_one(source: Source) -> None:
    assert not source.keeper.knows("me")
    assert await source.renewed(99) == 1
    assert source.keeper.knows("me")


async def test_the_key_used_longest_ago_is_forgotten_first() -> None:
    source = Source(capacity=2)

    assert [await source.current(key) for key in "ababca"] == [1, 2, 1, 2, 3, 4]
    assert [source.keeper.knows(key) for key in "abc"] == [True, False, True]


async def test_a_key_is_not_forgotten_while_something_is_on_its_way_for_it() -> None:
    source = Source(capacity=1)
    source.gate.clear()
    first = asyncio.create_task(source.current("a"))
    await settle()
    second = asyncio.create_task(source.current("b"))
    third = asyncio.create_task(source.current("a"))
    await settle()
    source.gate.set()

    assert [await waiting for waiting in (first, second, third)] == [1, 2, 1]
    assert await source.current("c") == 3
    assert [source.keeper.knows(key) for key in "abc"] == [False, False, True]


async def test_closing_ends_what_is_on_its_way(source: Source) -> None:
    source.gate.clear()
    waiting = asyncio.create_task(source.current())
    await settle()

    await source.keeper.aclose()
    await source.keeper.aclose()

    with pytest.raises(UpstreamBroke, match="was closed while it waited"):
        await waiting
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_setting_the_wall_clock_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    keeper = Keeper[str, int](capacity=1)
    assert await keeper.current("me", source.fetch) == 1

    began = time.time()
    for moved in (2 * 86400, -2 * 86400, -1e9):
        monkeypatch.setattr("time.time", lambda moved=moved: began + moved)
        assert await keeper.current("me", source.fetch) == 1
        await settle()
    assert source.begun == 1


def test_the_clock_goes_on_where_no_other_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    before = renewal.elapsed()
    assert renewal.elapsed() >= before

    monkeypatch.setattr(renewal, "_CLOCK", None)
    before = renewal.elapsed()
    assert renewal.elapsed() >= before
