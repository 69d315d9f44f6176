"""Waiting for what another thread or process is about to do: until it is so, at most for a while."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

_never = threading.Event()
_STEP = 0.005


def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Return as soon as `condition()` holds; fail when it does not within `seconds`."""
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, f"it did not come true within {seconds:g} s"
        _never.wait(_STEP)


async def until_async(
    condition: Callable[[], object], seconds: float = 5.0, *, told: Callable[[], object] = lambda: ""
) -> None:
    """The same on an event loop, which goes on meanwhile; `told` says more about a failure."""
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, f"it did not come true within {seconds:g} s {told()}"
        await asyncio.sleep(_STEP)
