"""The end of a browser: asked to close, else killed, and its processes, a group of their own, gone."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

CLOSE_SECONDS = 5.0
"""A browser that was asked to close has this long; then it is killed."""

_GONE_SECONDS = 10.0
"""Nothing withstands being killed, but a busy machine needs a while for it."""

_STEP_SECONDS = 0.02
_LOG = logging.getLogger(__name__)


class Ending:
    """
    Ends one browser, once, whoever asks and however often.

    `close` asks it to close and waits for it; `kill` kills at once what there is of it, and may be called at
    any time; `let_go` closes what joins us to it, once it is gone; `group` tells the group of its processes,
    None for none.
    """

    def __init__(
        self,
        *,
        close: Callable[[], Awaitable[None]],
        kill: Callable[[], None],
        let_go: Callable[[], Awaitable[None]],
        group: Callable[[], int | None],
    ) -> None:
        self._close = close
        self._kill = kill
        self._let_go = let_go
        self._group = group
        self._task: asyncio.Task[None] | None = None

    async def end(self) -> None:
        """Return when it is gone. Cancelled, it kills instead of waiting, and is gone all the same."""
        if self._task is None:
            self._task = asyncio.create_task(self._end())
        try:
            await asyncio.shield(self._task)
        except asyncio.CancelledError:
            self._kill()
            await asyncio.wait({self._task})
            raise

    async def _end(self) -> None:
        group = self._group()
        try:
            await _within(CLOSE_SECONDS, self._close_and_wait(group))
        finally:
            self._kill()
        await _within(_GONE_SECONDS, _until_gone(group))
        await _within(_GONE_SECONDS, self._let_go())

    async def _close_and_wait(self, group: int | None) -> None:
        await self._close()
        await _until_gone(group)


async def _within(seconds: float, step: Awaitable[None]) -> None:
    """Take a step in so many seconds. Whatever becomes of it, the next one follows."""
    try:
        async with asyncio.timeout(seconds):
            await step
    except Exception as error:  # noqa: BLE001 - whatever a library makes of it, killing comes next
        _LOG.debug("the end of a browser: %s", type(error).__name__)


def group_of(pid: int | None) -> int | None:
    """The group of a browser's process; None on Windows, where processes have none, and for our own group."""
    if pid is None or sys.platform == "win32":
        return None
    try:
        group = os.getpgid(pid)
    except ProcessLookupError:
        return None
    return group if group != os.getpgrp() else None


def kill_group(group: int | None) -> None:
    """Kill every process of the group, if there is one."""
    if group is not None and sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


async def _until_gone(group: int | None) -> None:
    while group is not None and _runs(group):  # noqa: ASYNC110 - nobody tells of the end of others' children
        await asyncio.sleep(_STEP_SECONDS)


def _runs(group: int) -> bool:
    """Whether a process of the group runs. One that ended and waits for its parent to notice does not."""
    if sys.platform == "win32":
        return False
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    states = _states(group)
    return states is None or any(state not in "ZX" for state in states)


def _states(group: int) -> list[str] | None:
    """The states of the group's processes; None where no /proc tells them (proc(5))."""
    if not Path("/proc/self/stat").exists():
        return None
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, owner = path.read_text("utf-8", "replace").rpartition(")")[2].split()[:3]
            if int(owner) == group:
                found.append(state)
    return found
