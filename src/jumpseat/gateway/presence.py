"""The requests that are being answered, and what may end one early: its reader, or the gateway's own end."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Literal, Self

from jumpseat.gateway.exchange import Exchange, Receive

Cause = Literal["gone", "stalled", "stopping"]
"""The client left; it takes nothing any more; the gateway stops."""


class Interrupted(Exception):
    """The work on a request was ended early, for the reason `cause`."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause = cause


class Presence:
    """
    Watches over the work on one request; leaving the `with` after an interruption raises `Interrupted`.

    One task waits for the client to leave, however many pieces are sent. Whoever sends counts `sends` up
    before and after each piece, so that an odd count that stays the same is a reader that takes nothing.
    """

    __slots__ = ("_cause", "_requests", "_task", "_watcher", "exchange", "seen_sends", "sends")

    def __init__(self, exchange: Exchange, requests: OpenRequests) -> None:
        self.exchange = exchange
        self.sends = 0
        self.seen_sends = 0
        self._requests = requests
        self._cause: Cause | None = None
        self._task: asyncio.Task[object] | None = None
        self._watcher: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        self._watcher = asyncio.create_task(self._wait_for_the_end(self.exchange.receive))
        self._requests.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._requests.remove(self)
        if self._watcher is not None:
            self._watcher.cancel()
        if self._cause is not None and self._task is not None:
            self._task.uncancel()
            raise Interrupted(self._cause) from error

    def interrupt(self, cause: Cause) -> None:
        """End the work, wherever it waits."""
        if self._cause is None and self._task is not None:
            self._cause = cause
            self._task.cancel()

    async def _wait_for_the_end(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.interrupt("gone")


class OpenRequests:
    """All presences of one gateway, and the one clock that looks for stalled readers."""

    def __init__(self, stall_seconds: float) -> None:
        # A reader is given up between half of this time and the whole of it after it took the last piece.
        self._period = stall_seconds / 2
        self._open: set[Presence] = set()
        self._timer: asyncio.TimerHandle | None = None
        self.is_stopping = False

    def __len__(self) -> int:
        return len(self._open)

    def add(self, presence: Presence) -> None:
        self._open.add(presence)
        if self._timer is None:
            self._arm()

    def remove(self, presence: Presence) -> None:
        self._open.discard(presence)
        if not self._open and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def interrupt_all(self, cause: Cause) -> None:
        """End the work on every request."""
        for presence in tuple(self._open):
            presence.interrupt(cause)

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._period, self._look)

    def _look(self) -> None:
        for presence in tuple(self._open):
            if presence.sends % 2 and presence.sends == presence.seen_sends:
                presence.interrupt("stalled")
            presence.seen_sends = presence.sends
        self._arm()
