"""A connection that costs next to nothing: it looks for marks in what comes, and takes the time."""

from __future__ import annotations

import asyncio
import re
import time
from typing import cast

MARK_CHARS = 64
"""No mark that is looked for is longer."""
END_OF_CHUNKS = b"0\r\n\r\n"
_STAMP = re.compile(rb'"(\d{12,}) "')


class Timing:
    """When things came, in seconds of `time.perf_counter`."""

    __slots__ = ("began_at", "ended_at", "first_at", "transits")

    def __init__(self) -> None:
        self.began_at = time.perf_counter()
        self.first_at = 0.0
        self.ended_at = 0.0
        self.transits: list[float] = []
        """Seconds from the sending of each stamped word to its arrival here."""


class Wire(asyncio.Protocol):
    """One connection to `port` of this machine; one exchange at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[bytes] | None = None
        self._end = b""
        self._first = b""
        self._tail = b""
        self._timing: Timing | None = None

    @classmethod
    async def open(cls, port: int) -> Wire:
        _, wire = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionError("the other side hung up", self._tail))

    def data_received(self, data: bytes) -> None:
        timing = self._timing
        seen = self._tail + data
        if timing is not None:
            self._look(timing, data, seen)
        self._tail = seen[-MARK_CHARS:]
        if self._waiter is not None and self._end in seen and not self._waiter.done():
            self._waiter.set_result(seen)

    def _look(self, timing: Timing, data: bytes, seen: bytes) -> None:
        if self._first:
            if not timing.first_at and self._first in seen:
                timing.first_at = time.perf_counter()
        else:
            now = time.monotonic_ns()
            timing.transits += ((now - int(stamp)) / 1e9 for stamp in _STAMP.findall(data))

    async def until(
        self, request: bytes, end: bytes, *, timing: Timing | None = None, first: bytes = b""
    ) -> bytes:
        """Send, and wait for `end`; the last bytes that came. Without `first` stamps are looked for."""
        self._end, self._first, self._tail, self._timing = end, first, b"", timing
        self._waiter = asyncio.get_running_loop().create_future()
        assert self._transport is not None
        self._transport.write(request)
        seen = await self._waiter
        self._waiter = None
        if timing is not None:
            timing.ended_at = time.perf_counter()
        return seen

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
