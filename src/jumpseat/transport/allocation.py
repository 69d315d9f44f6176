"""A hint to the C library's allocator that halves what an open WebSocket of curl costs, and more."""

from __future__ import annotations

import ctypes
import sys

_M_MMAP_THRESHOLD = -3  # malloc.h of glibc
_THRESHOLD_BYTES = 64 * 1024 - 64
"""Just below libcurl's WebSocket buffers: a connection has two, and touches a few hundred bytes of them."""


def spare_memory() -> bool:
    """
    Have large buffers mapped one by one, so that only the touched pages of them take memory.

    Measured with 300 open sockets: 212 KB each without this, 44 KB with it. It holds for the whole process:
    for programs of our own to call at their start (`jumpseat serve`), never for the library. Returns whether
    the C library took the hint; only glibc knows it.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _THRESHOLD_BYTES))
    except (OSError, AttributeError):
        return False
