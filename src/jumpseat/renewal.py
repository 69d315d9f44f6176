"""Keeps what lives for a while, like tokens: fetched once for all who wait, renewed while it still lasts."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from msgspec import Struct

from jumpseat.model.errors import RateLimited, UpstreamBroke

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

REFRESH_AT = 0.80
"""The part of its life after which something is renewed in the background."""

JITTER = 0.05
"""How far around `REFRESH_AT` chance moves it, so that not all who started together come back together."""

MARGIN_SECONDS = 60.0
"""Nothing is used in the last minute of its life: what is done with it should not overtake its end."""

MARGIN_PART = 0.10
"""The part of its life that the margin is at most; what lives for a minute would else never be used."""

BACKOFF_PART = 1 / 60
"""After a renewal that failed the next waits for this part of the life, then for twice as long, and so on."""

# Linux stops its monotonic clock while the machine sleeps, and a token does not sleep.
_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)

_log = logging.getLogger(__name__)


def elapsed() -> float:
    """Seconds on a clock that nobody sets, from an unknown start on."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)


class Fresh(Struct, Generic[T], frozen=True):
    """What a fetch brought, and for how many seconds from its sending on it lives."""

    value: T
    seconds: float


Fetch = Callable[[], Awaitable[Fresh[T]]]
"""Gets a fresh one, within a time limit of its own."""


class _Kept(Generic[T]):
    """Something that was fetched, and its moments on the keeper's clock."""

    __slots__ = ("ends_at", "failures", "life", "refresh_at", "value")

    def __init__(self, fresh: Fresh[T], begun_at: float, chance: float) -> None:
        self.value = fresh.value
        self.life = fresh.seconds
        self.refresh_at = begun_at + self.life * (REFRESH_AT + JITTER * (2 * chance - 1))
        self.ends_at = begun_at + self.life - min(MARGIN_SECONDS, self.life * MARGIN_PART)
        self.failures = 0

    def put_off(self, error: Exception, now: float) -> None:
        """Wait before the next renewal in the background."""
        wait = self.life * BACKOFF_PART * 2**self.failures
        if isinstance(error, RateLimited) and error.retry_after is not None:
            wait = max(wait, error.retry_after)
        self.failures += 1
        self.refresh_at = now + wait


class _Fetching(Generic[T]):
    """A fetch on its way, and how many wait for it."""

    __slots__ = ("task", "waiting")

    def __init__(self, task: asyncio.Task[T]) -> None:
        self.task = task
        self.waiting = 0


class _Slot(Generic[T]):
    """All that belongs to one key."""

    __slots__ = ("fetching", "kept", "stopped_by")

    def __init__(self) -> None:
        self.kept: _Kept[T] | None = None
        self.fetching: _Fetching[T] | None = None
        self.stopped_by: Exception | None = None


class Keeper(Generic[K, T]):
    """
    Keeps one short-lived thing for each of at most `capacity` keys; the one used longest ago goes first.

    Life is counted on a clock that nobody sets, so a wall clock that is wrong, or is put right, does no harm.
    Choice: a renewal in the background is begun by whoever asks after 80 % of the life, not by a timer; an
    account that nobody uses asks its service for nothing.

    `stops` says of which errors a key is never asked for again: everybody gets that error from then on.
    `clock` gives seconds, `chance` a number from 0 up to 1.
    """

    def __init__(
        self,
        *,
        capacity: int,
        stops: Callable[[Exception], bool] = lambda _: False,
        clock: Callable[[], float] = elapsed,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._capacity = capacity
        self._stops = stops
        self._clock = clock
        self._chance = chance
        self._slots: OrderedDict[K, _Slot[T]] = OrderedDict()

    def knows(self, key: K) -> bool:
        """Whether something was fetched for this key and not forgotten since; it may have ended by now."""
        slot = self._slots.get(key)
        return slot is not None and slot.kept is not None

    async def current(self, key: K, fetch: Fetch[T], seconds: float = math.inf) -> T:
        """
        What is to be used now; waits only if there is none, for at most `seconds`, else `TimeoutError`.

        Raises what the fetch raised. Cancelling the call does not end the fetch; its result is kept.
        """
        slot = self._slot(key)
        kept, now = slot.kept, self._clock()
        if kept is None or now >= kept.ends_at:
            return await self._wait(slot, fetch, seconds)
        if now >= kept.refresh_at and slot.fetching is None:
            self._begin(slot, fetch)
        return kept.value

    async def renewed(self, key: K, refused: T, fetch: Fetch[T], seconds: float = math.inf) -> T:
        """Another one than the `refused` one, which nobody gets any more; else as `current`."""
        slot = self._slot(key)
        kept = slot.kept
        if kept is not None and kept.value == refused:
            kept.ends_at = -math.inf
        elif kept is not None and self._clock() < kept.ends_at:
            return kept.value  # Somebody else was refused as well, and came first.
        return await self._wait(slot, fetch, seconds)

    async def aclose(self) -> None:
        """End what is on its way: who waits for it gets `UpstreamBroke`. Idempotent."""
        tasks = [slot.fetching.task for slot in self._slots.values() if slot.fetching]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _slot(self, key: K) -> _Slot[T]:
        """The key's own slot, as the one used last. Raises the error that stopped it."""
        slot = self._slots.setdefault(key, _Slot())
        self._slots.move_to_end(key)
        if slot.stopped_by is not None:
            raise _of_its_own(slot.stopped_by)
        if len(self._slots) > self._capacity:
            self._drop_oldest(slot)
        return slot

    def _drop_oldest(self, used: _Slot[T]) -> None:
        """Forget what is too much. A key with a fetch on its way stays until that has come to its end."""
        for key, slot in list(self._slots.items()):
            if len(self._slots) <= self._capacity:
                return
            if slot.fetching is None and slot is not used:
                del self._slots[key]

    def _begin(self, slot: _Slot[T], fetch: Fetch[T]) -> _Fetching[T]:
        task = asyncio.create_task(self._fetch(slot, fetch))
        slot.fetching = fetching = _Fetching(task)
        task.add_done_callback(lambda _: self._ended(slot, fetching))
        return fetching

    async def _fetch(self, slot: _Slot[T], fetch: Fetch[T]) -> T:
        begun_at = self._clock()  # Counted from here, the life rather ends too early than too late.
        fresh = await fetch()
        slot.kept = _Kept(fresh, begun_at, self._chance())
        return fresh.value

    def _ended(self, slot: _Slot[T], fetching: _Fetching[T]) -> None:
        if slot.fetching is fetching:
            slot.fetching = None
        if fetching.task.cancelled():
            return
        error = fetching.task.exception()
        if not isinstance(error, Exception):
            return
        if self._stops(error):
            slot.stopped_by = error
        if slot.kept is not None:
            slot.kept.put_off(error, self._clock())
        _log.debug("nothing fresh came: %s", error)

    async def _wait(self, slot: _Slot[T], fetch: Fetch[T], seconds: float) -> T:
        """Wait for the one fetch that is on its way, or begin it."""
        fetching = slot.fetching or self._begin(slot, fetch)
        task = fetching.task
        fetching.waiting += 1
        try:
            # `wait` neither raises what the task raises nor cancels it when the one who waits is cancelled.
            await asyncio.wait((task,), timeout=None if math.isinf(seconds) else seconds)
        finally:
            fetching.waiting -= 1
        if not task.done():
            self._give_up(slot, fetching)
            raise TimeoutError
        if task.cancelled():
            raise UpstreamBroke("the client was closed while it waited for a token: open a new one")
        if error := task.exception():
            raise _of_its_own(error)
        return task.result()

    def _give_up(self, slot: _Slot[T], fetching: _Fetching[T]) -> None:
        """End a fetch for which the last one waited in vain: the next who asks begins a new one."""
        if not fetching.waiting:
            slot.fetching = None
            fetching.task.cancel()


E = TypeVar("E", bound=BaseException)


def _of_its_own(error: E) -> E:
    """
    The same error for one of several who get it.

    Raised by all of them, a single instance would collect the tracebacks of all, and show each who mends a
    field of it what the others made of it. The constructor is passed over: not each takes what is in `args`.
    """
    kind = type(error)
    twin = kind.__new__(kind, *error.args)
    twin.__dict__.update(error.__dict__)
    twin.__cause__ = error.__cause__
    return twin.with_traceback(error.__traceback__)
