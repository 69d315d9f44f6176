"""When an account may be asked again: a pure decision, whose caller brings the clock."""

from __future__ import annotations

from collections import deque

from msgspec import Struct

from jumpseat.model.errors import RateLimited

WINDOW_SECONDS = 60.0

USUAL_TURN_SECONDS = 10.0
"""How long a turn takes, as long as none has ended. Choice: a short answer of the services."""

MIN_WAIT_SECONDS = 1.0
"""Least wait that is promised where only the end of another turn can make room."""


class Limits(Struct, frozen=True, kw_only=True):
    """What one account may bear. None: no limit of that kind."""

    at_once: int | None = None
    per_minute: int | None = None
    queue: int = 32
    """Most questions that may wait."""


class Ticket:
    """One question on its way through `Pace`: waiting, then lent a slot, then gone."""

    __slots__ = ("caller", "lent_at")

    def __init__(self, caller: str) -> None:
        self.caller = caller
        self.lent_at: float | None = None
        """The moment since which it holds a slot; None while it waits."""


class Pace:
    """
    The slots of one account.

    At most `at_once` are lent at any moment, and at most `per_minute` in any sixty seconds. Those who wait
    are let in by turns of their callers, within one caller first come, first served. Moments are seconds of
    one clock that never goes back.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lent: dict[Ticket, None] = {}
        self._starts: deque[float] = deque()
        self._waiting: dict[str, deque[Ticket]] = {}
        """Callers who wait; the one whose turn is next stands first."""
        self._waiting_count = 0
        self._usual_seconds = USUAL_TURN_SECONDS

    def enter(self, caller: str, now: float) -> Ticket:
        """
        Ask for a slot. The ticket holds one at once, or waits until `admit` names it.

        Ask `admit` first who has waited long enough. Raises `RateLimited` (`queue_full`) when too many wait;
        `retry_after` says when the next of them will be let in.
        """
        ticket = Ticket(caller)
        if not self._waiting and self._has_room(now):
            self._lend(ticket, now)
        elif self._waiting_count >= self._limits.queue:
            raise _queue_full(self._waiting_count, self._seconds_to_next(now))
        else:
            self._waiting.setdefault(caller, deque()).append(ticket)
            self._waiting_count += 1
        return ticket

    def admit(self, now: float) -> list[Ticket]:
        """Lend what is free to those who wait; they are named in the order of their turns."""
        admitted = []
        while self._waiting and self._has_room(now):
            caller = next(iter(self._waiting))
            queue = self._waiting.pop(caller)
            ticket = queue.popleft()
            if queue:
                # To the end: every other caller has a turn before this one's next.
                self._waiting[caller] = queue
            self._waiting_count -= 1
            self._lend(ticket, now)
            admitted.append(ticket)
        return admitted

    def leave(self, ticket: Ticket, now: float) -> None:
        """Give the slot back, or give up waiting. Idempotent. Ask `admit` afterwards who comes next."""
        if ticket in self._lent:
            del self._lent[ticket]
            # A mean that forgets: the newest turns count most.
            self._usual_seconds += (now - (ticket.lent_at or 0.0) - self._usual_seconds) / 4
        elif ticket.lent_at is None and ticket in (queue := self._waiting.get(ticket.caller, deque())):
            queue.remove(ticket)
            self._waiting_count -= 1
            if not queue:
                del self._waiting[ticket.caller]

    def too_slow(self, waited: float, now: float) -> RateLimited:
        """The error for one who waited for so many seconds and was not let in."""
        seconds = max(self._seconds_to_next(now), MIN_WAIT_SECONDS)
        return RateLimited(
            f"this account was busy with other questions for {waited:g} seconds: ask again in "
            f"{seconds:.0f} seconds, or give a longer timeout",
            retry_after=seconds,
            code="queue_too_slow",
        )

    def next_at(self) -> float | None:
        """The moment at which time alone lets the next one in; None if nobody waits, or not for time."""
        if not self._waiting or self._is_busy() or not self._is_fast():
            return None
        return self._starts[0] + WINDOW_SECONDS

    def _lend(self, ticket: Ticket, now: float) -> None:
        ticket.lent_at = now
        self._lent[ticket] = None
        if self._limits.per_minute is not None:
            self._starts.append(now)

    def _has_room(self, now: float) -> bool:
        while self._starts and self._starts[0] + WINDOW_SECONDS <= now:
            self._starts.popleft()
        return not self._is_busy() and not self._is_fast()

    def _is_busy(self) -> bool:
        return self._limits.at_once is not None and len(self._lent) >= self._limits.at_once

    def _is_fast(self) -> bool:
        return self._limits.per_minute is not None and len(self._starts) >= self._limits.per_minute

    def _seconds_to_next(self, now: float) -> float:
        """
        How long until the next one who waits is let in.

        Known where only the minute's limit stands in the way; else as long as turns take of late.
        """
        seconds = 0.0
        if self._is_fast():
            seconds = self._starts[0] + WINDOW_SECONDS - now
        if self._is_busy():
            oldest = next(iter(self._lent)).lent_at or 0.0
            seconds = max(seconds, oldest + self._usual_seconds - now, MIN_WAIT_SECONDS)
        return seconds


def _queue_full(waiting: int, seconds: float) -> RateLimited:
    return RateLimited(
        f"{waiting} questions wait for this account already: ask again in {seconds:.0f} seconds, "
        "or let more wait with JUMPSEAT_QUEUE_LIMIT",
        retry_after=seconds,
        code="queue_full",
    )
