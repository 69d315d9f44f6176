"""A line at the foot of a terminal that counts down while something is waited for."""

from __future__ import annotations

import asyncio
import math
import os
import sys

from jumpseat.cli.output import is_terminal, note


class Countdown:
    """
    Counts down on a terminal's standard error; elsewhere it shows nothing.

    For an event loop's thread. `over` takes the line away.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._ends_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self, seconds: float) -> None:
        """Show the line, and count `seconds` down to nothing."""
        self.over()
        if is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb":
            self._ends_at = asyncio.get_running_loop().time() + seconds
            self._draw()

    def tell(self, line: str) -> None:
        """Write a line above it."""
        is_shown = self._timer is not None
        self.over()
        note(line)
        if is_shown:
            self._draw()

    def over(self) -> None:
        """Take the line away. Idempotent."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _draw(self) -> None:
        loop = asyncio.get_running_loop()
        left = max(0, math.ceil(self._ends_at - loop.time()))
        text = f"\r\x1b[K\x1b[2m{self._what} {left // 60}:{left % 60:02}\x1b[0m"
        print(text, end="", file=sys.stderr, flush=True)
        self._timer = loop.call_later(1.0, self._draw)
