"""What runs on this machine, as psutil tells it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import psutil


def using(profile: Path) -> list[psutil.Process]:
    """The processes of a browser with this profile."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and str(profile) in " ".join(process.cmdline()):
                found.append(process)
    return found


def children() -> list[psutil.Process]:
    """Our own children, and theirs, that still run."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
