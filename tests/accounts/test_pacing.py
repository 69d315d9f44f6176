"""The pace of an account: its limits, fairness, and the waits it promises."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from jumpseat.accounts.pacing import MIN_WAIT_SECONDS, USUAL_TURN_SECONDS, Limits, Pace, Ticket
from jumpseat.model.errors import RateLimited


def test_a_free_account_is_lent_at_once() -> None:
    pace = Pace(Limits(at_once=2, per_minute=12))

    assert pace.enter("a", 5.0).lent_at == 5.0
    assert pace.enter("a", 5.0).lent_at == 5.0
    assert pace.enter("a", 5.0).lent_at is None
    assert pace.next_at() is None  # Not a matter of time.


def test_whoever_gives_back_lets_the_next_one_in() -> None:
    pace = Pace(Limits(at_once=1))
    first, second = pace.enter("a", 0.0), pace.enter("a", 0.0)

    assert pace.admit(1.0) == []
    pace.leave(first, 2.0)
    assert pace.admit(2.0) == [second]
    assert second.lent_at == 2.0


def test_giving_back_twice_lets_only_one_in() -> None:
    pace = Pace(Limits(at_once=1))
    first, second, third = (pace.enter("a", 0.0) for _ in range(3))

    pace.leave(first, 1.0)
    pace.leave(first, 1.0)

    assert pace.admit(1.0) == [second]
    assert pace.admit(1.0) == []
    assert third.lent_at is None


def test_the_minute_is_a_sliding_one() -> None:
    pace = Pace(Limits(per_minute=2))
    pace.enter("a", 10.0)
    pace.enter("a", 40.0)
    waiting = pace.enter("a", 50.0)

    assert pace.next_at() == 70.0
    assert pace.admit(69.9) == []
    assert pace.admit(70.0) == [waiting]
    assert pace.next_at() is None


def test_callers_take_turns_whoever_asked_how_often() -> None:
    pace = Pace(Limits(at_once=1))
    held = pace.enter("greedy", 0.0)
    greedy = [pace.enter("greedy", 0.0) for _ in range(3)]
    modest = [pace.enter("modest", 0.0) for _ in range(2)]
    late = pace.enter("late", 0.0)
    order: list[Ticket] = []

    for moment in range(6):
        pace.leave(held, moment)
        (held,) = pace.admit(moment)
        order.append(held)

    assert order == [greedy[0], modest[0], late, greedy[1], modest[1], greedy[2]]


def test_whoever_gives_up_leaves_the_queue() -> None:
    pace = Pace(Limits(at_once=1))
    held = pace.enter("a", 0.0)
    gone, stays, alone = pace.enter("a", 0.0), pace.enter("a", 0.0), pace.enter("b", 0.0)

    pace.leave(gone, 0.0)
    pace.leave(gone, 0.0)
    pace.leave(alone, 0.0)
    pace.leave(alone, 0.0)
    pace.leave(held, 1.0)

    assert pace.admit(1.0) == [stays]
    assert gone.lent_at is None


def test_a_full_queue_names_the_wait_that_the_minute_asks_for() -> None:
    pace = Pace(Limits(at_once=2, per_minute=1, queue=1))
    pace.leave(pace.enter("a", 100.0), 101.0)
    pace.enter("a", 110.0)

    with pytest.raises(RateLimited, match=r"1 questions wait .*ask again in 40 seconds") as full:
        pace.enter("b", 120.0)

    assert full.value.code == "queue_full"
    assert full.value.retry_after == 40.0


def test_a_full_queue_names_the_wait_that_turns_usually_take() -> None:
    pace = Pace(Limits(at_once=1, queue=0))
    held = pace.enter("a", 0.0)
    with pytest.raises(RateLimited) as full:
        pace.enter("b", 4.0)
    assert full.value.retry_after == USUAL_TURN_SECONDS - 4.0

    # Turns take 30 seconds here; that is learnt.
    for turn in range(50):
        pace.leave(held, turn * 30.0 + 30.0)
        held = pace.enter("a", turn * 30.0 + 30.0)
    with pytest.raises(RateLimited) as full:
        pace.enter("b", 50 * 30.0 + 10.0)
    assert full.value.retry_after == pytest.approx(20.0, abs=0.1)
    with pytest.raises(RateLimited) as full:
        pace.enter("b", 50 * 30.0 + 500.0)
    assert full.value.retry_after == MIN_WAIT_SECONDS


def test_whoever_waited_in_vain_hears_when_it_may_help_to_ask_again() -> None:
    pace = Pace(Limits(per_minute=1))
    pace.enter("a", 10.0)
    pace.enter("a", 12.0)

    error = pace.too_slow(5.0, 17.0)

    assert error.retry_after == 53.0
    assert error.code == "queue_too_slow"
    assert "5 seconds" in error.message
    assert pace.too_slow(58.0, 69.9).retry_after == MIN_WAIT_SECONDS


def test_without_limits_nobody_waits() -> None:
    pace = Pace(Limits())

    assert all(pace.enter("a", 0.0).lent_at == 0.0 for _ in range(1000))


class PaceMachine(RuleBasedStateMachine):
    """Any order of asking, giving back, giving up and waiting."""

    @initialize(
        at_once=st.none() | st.integers(1, 3),
        per_minute=st.none() | st.integers(1, 4),
        queue=st.integers(0, 4),
    )
    def begin(self, at_once: int | None, per_minute: int | None, queue: int) -> None:
        self.limits = Limits(at_once=at_once, per_minute=per_minute, queue=queue)
        self.pace = Pace(self.limits)
        self.now = 0.0
        self.lent: list[Ticket] = []
        self.waiting: list[Ticket] = []
        self.starts: list[float] = []
        self.passed: dict[Ticket, int] = {}

    def started(self, tickets: list[Ticket]) -> None:
        for ticket in tickets:
            assert ticket.lent_at == self.now
            same_caller = [one for one in self.waiting if one.caller == ticket.caller]
            if ticket in self.waiting:
                assert same_caller[0] is ticket  # First come, first served.
                self.waiting.remove(ticket)
            self.lent.append(ticket)
            self.starts.append(self.now)
            for other in self.waiting:
                if other.caller != ticket.caller:
                    self.passed[other] = self.passed.get(other, 0) + 1

    @rule(caller=st.sampled_from("abc"))
    def ask(self, caller: str) -> None:
        self.started(self.pace.admit(self.now))
        try:
            ticket = self.pace.enter(caller, self.now)
        except RateLimited as full:
            assert len(self.waiting) >= self.limits.queue
            self.check_promise(full.retry_after)
        else:
            if ticket.lent_at is None:
                self.waiting.append(ticket)
                assert len(self.waiting) <= self.limits.queue
            else:
                assert not self.waiting
                self.started([ticket])

    def check_promise(self, seconds: float | None) -> None:
        assert seconds is not None
        assert seconds > 0
        if self.limits.at_once is None or len(self.lent) < self.limits.at_once:
            # Time alone is in the way: then the wait is exact.
            assert self.limits.per_minute is not None
            assert self.now + seconds == pytest.approx(self.starts[-self.limits.per_minute] + 60.0)

    @precondition(lambda self: self.lent)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.lent))
        self.lent.remove(ticket)
        self.pace.leave(ticket, self.now)
        self.started(self.pace.admit(self.now))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.waiting))
        self.waiting.remove(ticket)
        self.pace.leave(ticket, self.now)
        self.started(self.pace.admit(self.now))

    @rule(seconds=st.sampled_from([0.5, 7.25, 29.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.started(self.pace.admit(self.now))

    @rule()
    def the_timer_goes_off(self) -> None:
        moment = self.pace.next_at()
        if moment is not None:
            self.now = max(self.now, moment)
            admitted = self.pace.admit(self.now)
            assert admitted  # The moment named was true.
            self.started(admitted)

    @invariant()
    def the_limits_hold(self) -> None:
        if self.limits.at_once is not None:
            assert len(self.lent) <= self.limits.at_once
        if self.limits.per_minute is not None:
            for early, late in zip(self.starts, self.starts[self.limits.per_minute :], strict=False):
                assert late - early >= 60.0

    @invariant()
    def nobody_waits_in_vain(self) -> None:
        """Whoever waits is let in by time, or by somebody who gives back."""
        if self.waiting:
            is_busy = self.limits.at_once is not None and len(self.lent) >= self.limits.at_once
            assert is_busy or self.pace.next_at() is not None

    @invariant()
    def nobody_is_passed_over_for_long(self) -> None:
        # Each of the two other callers has at most one turn for every ticket before ours, and one more.
        for ticket in self.waiting:
            assert self.passed.get(ticket, 0) <= 2 * (self.limits.queue + 1)


TestPaceMachine = PaceMachine.TestCase
