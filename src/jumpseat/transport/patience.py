"""A deadline that costs next to nothing where it does not strike: one timer for many waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Patience:
    """
    Bounds one wait after another, by one task at a time.

    `asyncio.timeout` makes and cancels a timer for every wait; an answer is hundreds of waits of a few
    milliseconds with a deadline of minutes. Here the timer stays, and looks at the clock when it goes off.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[object] | None = None
        self._due = 0.0
        self._struck = False

    async def wait(self, awaitable: Awaitable[T], seconds: float) -> T:
        """Await one thing; raises `TimeoutError` after `seconds`."""
        self._due = due = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > due:
            self.stop()
            self._timer = self._loop.call_at(due, self._look)
        self._task = task = asyncio.current_task()
        try:
            return await awaitable
        except asyncio.CancelledError:
            # Like `asyncio.timeout`: only if nobody else wants the task to end is this a mere timeout.
            if self._struck and task is not None and task.uncancel() <= 0:
                raise TimeoutError from None
            raise
        finally:
            self._task = None
            self._struck = False

    def _look(self) -> None:
        self._timer = None
        if self._task is None:
            return
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._look)
            return
        self._struck = True
        self._task.cancel()

    def stop(self) -> None:
        """Let the timer go."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
