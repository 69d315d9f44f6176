"""How long we wait for an upstream: four separate limits, each naming itself in its error."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec import Struct

from jumpseat.model.errors import InvalidRequest, UpstreamTimeout

T = TypeVar("T")

TIMER_SLACK = 0.002
"""Seconds by which an event loop's timer may ring early: uvloop counts in milliseconds."""


class Timeouts(Struct, frozen=True, kw_only=True):
    """
    Seconds we wait, one limit each.

    Choice: the protocol page asks for separate limits and fixes only the outer one (900 s, as the
    reference documents have it).
    """

    connect: float = 15.0
    """Opening a connection, and each short exchange before the question."""
    first_event: float = 60.0
    """From the question to the first sign of an answer."""
    idle: float = 120.0
    """Silence in the middle of an answer; any frame ends it."""
    total: float = 900.0
    """The whole turn."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if not getattr(self, name) > 0:
                raise InvalidRequest(
                    f"the {name} timeout must be a positive number of seconds", param="timeout"
                )

    @classmethod
    def of(cls, timeout: float | Timeouts | None) -> Timeouts:
        """Read what a caller gives: None for the defaults, a number of seconds for the whole turn."""
        if timeout is None:
            return cls()
        if isinstance(timeout, Timeouts):
            return timeout
        return cls(total=float(timeout))


class Deadlines:
    """The limits of one turn, running since this was made."""

    def __init__(
        self, timeouts: Timeouts, party: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._timeouts = timeouts
        self._party = party
        self._clock = clock
        self._ends_at = clock() + timeouts.total

    def seconds_for(self, which: str) -> float:
        """Seconds left for the limit `which` (`connect`, `first_event`, `idle`), within the total."""
        limit: float = getattr(self._timeouts, which)
        return max(0.0, min(limit, self._ends_at - self._clock()))

    async def wait(self, awaitable: Awaitable[T], which: str, *, may_be_delivered: bool = True) -> T:
        """
        Await one thing within the limit `which`.

        Raises `UpstreamTimeout` that names the limit that struck, which may be `total`.
        """
        seconds = self.seconds_for(which)
        try:
            async with asyncio.timeout(seconds) as scope:
                return await awaitable
        except TimeoutError as exc:
            if not scope.expired():
                raise
            raise self.expired(which, may_be_delivered=may_be_delivered) from exc

    def expired(self, which: str, *, may_be_delivered: bool) -> UpstreamTimeout:
        """The error for the limit `which`, or for `total` if that is what struck."""
        if self._clock() >= self._ends_at - TIMER_SLACK:
            which = "total"
        limit: float = getattr(self._timeouts, which)
        return UpstreamTimeout(
            f"{self._party} {_WHAT[which]} within {limit:g} seconds ({which} timeout). "
            f"Try again, or raise the limit with Timeouts({which}=...).",
            which=which,
            may_be_delivered=may_be_delivered,
        )


_WHAT = {
    "connect": "did not answer the connection",
    "first_event": "did not begin to answer",
    "idle": "went silent in the middle of its answer: nothing came",
    "total": "did not finish the turn",
}
