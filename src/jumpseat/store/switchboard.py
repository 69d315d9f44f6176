"""What is shared for the length of a request: who holds a conversation just now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from jumpseat.model.errors import ConversationBusy

RETRY_SECONDS = 2.0
"""Choice: nobody knows how long the other answer takes; this is short, and no hammering."""


class Lease(Protocol):
    """The right to be the only one for a while."""

    def give_back(self) -> None:
        """Let the next one in. Idempotent, and never waits."""


class Switchboard(Protocol):
    """Leases by name, first come, first served."""

    async def lease(self, key: str, *, wait: float) -> Lease:
        """
        The lease of `key`, as soon as nobody holds it.

        Raises `ConversationBusy` after `wait` seconds. One who is cancelled while waiting leaves no trace.
        """


class Cancellable(Protocol):
    """Something that will happen, unless it is cancelled."""

    def cancel(self) -> None: ...


After = Callable[[float, Callable[[], None]], Cancellable]
"""Calls a function after so many seconds; tests bring their own."""


def after(seconds: float, call: Callable[[], None]) -> Cancellable:
    """`call` after `seconds`, on the running event loop."""
    return asyncio.get_running_loop().call_later(seconds, call)


class LocalSwitchboard:
    """A switchboard within this process, for one event loop."""

    def __init__(self, *, after: After = after) -> None:
        self._after = after
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        """Every key that is held, with those who wait for it."""

    def __len__(self) -> int:
        """How many keys are held."""
        return len(self._waiting)

    async def lease(self, key: str, *, wait: float) -> LocalLease:
        """See `Switchboard`."""
        queue = self._waiting.get(key)
        if queue is None:
            self._waiting[key] = []
        else:
            await self._wait(key, queue, wait)
        return LocalLease(self, key)

    async def _wait(self, key: str, queue: list[asyncio.Future[None]], seconds: float) -> None:
        if seconds <= 0:
            raise _busy(seconds)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)

        def give_up() -> None:
            if not turn.done():
                queue.remove(turn)
                turn.set_exception(_busy(seconds))

        timer = self._after(seconds, give_up)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in queue:
                queue.remove(turn)
            elif not turn.cancelled() and turn.exception() is None:
                # Our turn had come already. (With an error we had just given up instead, and held nothing.)
                self._pass_on(key)
            raise
        finally:
            timer.cancel()

    def _pass_on(self, key: str) -> None:
        queue = self._waiting[key]
        while queue:
            turn = queue.pop(0)
            if not turn.done():
                turn.set_result(None)
                return
        del self._waiting[key]


class LocalLease:
    """A lease of `LocalSwitchboard`."""

    __slots__ = ("_board", "_key")

    def __init__(self, board: LocalSwitchboard, key: str) -> None:
        self._board: LocalSwitchboard | None = board
        self._key = key

    def give_back(self) -> None:
        """Let the next one in. Idempotent."""
        board, self._board = self._board, None
        if board is not None:
            board._pass_on(self._key)


def _busy(seconds: float) -> ConversationBusy:
    return ConversationBusy(
        f"another message of this conversation is still being answered (waited {seconds:g} seconds): "
        "send this one again when that answer is there, or use another conversation",
        retry_after=RETRY_SECONDS,
    )
