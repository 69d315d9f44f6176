"""How long we wait, and what the error says then."""

from __future__ import annotations

import asyncio

import pytest

from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.model.errors import InvalidRequest, UpstreamTimeout


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def never() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("which", ["connect", "first_event", "idle"])
async def test_each_limit_names_itself(which: str) -> None:
    deadlines = Deadlines(Timeouts(connect=0.001, first_event=0.001, idle=0.001), "Copilot")

    with pytest.raises(UpstreamTimeout, match=f"{which} timeout") as struck:
        await deadlines.wait(never(), which)
    assert struck.value.which == which
    assert "Copilot" in struck.value.message


async def test_the_total_names_itself_when_it_strikes_first() -> None:
    clock = Clock()
    deadlines = Deadlines(Timeouts(total=10, idle=60), "Copilot", clock=clock)
    clock.now = 10.0

    with pytest.raises(UpstreamTimeout, match="total timeout") as struck:
        await deadlines.wait(never(), "idle")
    assert struck.value.which == "total"


def test_a_limit_never_reaches_beyond_the_total() -> None:
    clock = Clock()
    deadlines = Deadlines(Timeouts(total=10, idle=6), "Copilot", clock=clock)
    assert deadlines.seconds_for("idle") == 6
    clock.now = 7.0
    assert deadlines.seconds_for("idle") == 3
    clock.now = 70.0
    assert deadlines.seconds_for("idle") == 0


async def test_what_comes_in_time_is_given() -> None:
    async def soon() -> str:
        return "here"

    assert await Deadlines(Timeouts(), "Copilot").wait(soon(), "idle") == "here"


async def test_a_timeout_of_somebody_else_is_not_ours() -> None:
    async def slow() -> None:
        raise TimeoutError("theirs")

    with pytest.raises(TimeoutError, match="theirs"):
        await Deadlines(Timeouts(), "Copilot").wait(slow(), "idle")


async def test_the_error_says_whether_the_question_may_have_gone_out() -> None:
    deadlines = Deadlines(Timeouts(connect=0.001), "Copilot")

    with pytest.raises(UpstreamTimeout) as struck:
        await deadlines.wait(never(), "connect", may_be_delivered=False)
    assert not struck.value.may_be_delivered


@pytest.mark.parametrize("name", ["connect", "first_event", "idle", "total"])
@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_a_limit_must_be_a_time(name: str, seconds: float) -> None:
    with pytest.raises(InvalidRequest):
        Timeouts(**{name: seconds})


def test_a_bare_number_is_the_whole_turn() -> None:
    assert Timeouts.of(30) == Timeouts(total=30)
    assert Timeouts.of(None) == Timeouts()
    assert Timeouts.of(Timeouts(idle=1)) == Timeouts(idle=1)
