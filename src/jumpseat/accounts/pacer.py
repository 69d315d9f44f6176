"""Slots of accounts, lent to those who ask, as `Pace` decides."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from jumpseat.accounts.pacing import Limits, Pace, Ticket
from jumpseat.settings import Settings
from jumpseat.store.switchboard import After, Cancellable, after


class Slot:
    """A place among the turns that an account takes at once."""

    __slots__ = ("_give_back",)

    def __init__(self, give_back: Callable[[], None] | None = None) -> None:
        self._give_back = give_back

    def give_back(self) -> None:
        """Let the next one in. Idempotent, and never waits."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()


class Pacer:
    """
    Lends slots of accounts, for one event loop.

    `limits` go by the service, which is what an account's key begins with: `microsoft/environment`. Services
    that are not named there are not limited.
    """

    def __init__(
        self,
        limits: Mapping[str, Limits],
        *,
        clock: Callable[[], float] = time.monotonic,
        after: After = after,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._after = after
        self._lanes: dict[str, _Lane] = {}

    @classmethod
    def of(cls, settings: Settings) -> Pacer:
        """The pacer that `settings` describe; one that never waits, if pacing is off."""
        if not settings.pace:
            return cls({})
        return cls(
            {
                "microsoft": Limits(
                    at_once=settings.microsoft_concurrency,
                    per_minute=settings.microsoft_per_minute,
                    queue=settings.queue_limit,
                ),
                "github": Limits(at_once=settings.github_concurrency, queue=settings.queue_limit),
            }
        )

    async def lend(self, account_key: str, *, caller: str, wait: float | None = None) -> Slot:
        """
        A slot of the account, as soon as one is free; give it back when the turn has ended.

        Raises `RateLimited`: `queue_full` at once if too many wait, `queue_too_slow` after `wait` seconds.
        One who is cancelled while waiting leaves no trace.
        """
        lane = self._lanes.get(account_key)
        if lane is None:
            limits = self._limits.get(account_key.partition("/")[0])
            if limits is None:
                return Slot()
            lane = self._lanes[account_key] = _Lane(Pace(limits), self._clock, self._after)
        return await lane.lend(caller, wait)


class _Lane:
    """One account: its pace, who waits, and the timer for the first of them."""

    def __init__(self, pace: Pace, clock: Callable[[], float], after: After) -> None:
        self._pace = pace
        self._clock = clock
        self._after = after
        self._waiting: dict[Ticket, asyncio.Future[None]] = {}
        self._timer: Cancellable | None = None

    async def lend(self, caller: str, wait: float | None) -> Slot:
        # Those who wait come first, even if their timer is a little late.
        self._admit()
        ticket = self._pace.enter(caller, self._clock())
        if ticket.lent_at is None:
            await self._wait(ticket, wait)
        return Slot(lambda: self._leave(ticket))

    async def _wait(self, ticket: Ticket, seconds: float | None) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[ticket] = turn
        self._set_timer()
        try:
            async with asyncio.timeout(seconds):
                await turn
        except (asyncio.CancelledError, TimeoutError) as exc:
            self._waiting.pop(ticket, None)
            self._leave(ticket)
            if isinstance(exc, TimeoutError):
                raise self._pace.too_slow(seconds or 0.0, self._clock()) from None
            raise

    def _leave(self, ticket: Ticket) -> None:
        self._pace.leave(ticket, self._clock())
        self._admit()

    def _admit(self) -> None:
        if not self._waiting and self._timer is None:
            return
        for ticket in self._pace.admit(self._clock()):
            turn = self._waiting.pop(ticket)
            # One that is cancelled, but has not run since, gives its slot back when it does.
            if not turn.done():
                turn.set_result(None)
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        moment = self._pace.next_at()
        if moment is not None:
            self._timer = self._after(max(0.0, moment - self._clock()), self._admit)
