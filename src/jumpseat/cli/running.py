"""Waiting in the shell: one event loop per command, and Ctrl-C that closes what was open."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from types import FrameType
from typing import Any, TypeVar

from jumpseat.cli.exits import Stopped

T = TypeVar("T")


def run(command: Coroutine[Any, Any, T]) -> T:
    """
    Run one command to its end.

    Ctrl-C cancels it, so that it closes its wire, and raises `KeyboardInterrupt`.
    """
    return asyncio.run(command)


async def until_interrupted(work: Coroutine[Any, Any, T]) -> T:
    """
    Await `work`; Ctrl-C cancels it alone.

    Raises `Stopped` once the cancelled work has closed what it had open. For the main thread only: that is
    where Python takes signals.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    pressed = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        loop.call_soon_threadsafe(task.cancel)

    before = signal.signal(signal.SIGINT, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if pressed and task.cancelled():
            raise Stopped from None
        task.cancel()
        raise
    finally:
        signal.signal(signal.SIGINT, before)
