"""What runs on this machine, as psutil tells it, and what it complained of."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

import psutil
import pytest


def using(profile: Path) -> list[psutil.Process]:
    """The processes of a browser with this profile."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and str(profile) in " ".join(process.cmdline()):
                found.append(process)
    return found


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged as an error; but a site may say that its browser left."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.ERROR and not record.name.startswith("aiohttp")
    ]


def children() -> list[psutil.Process]:
    """Our own children, and theirs, that still run."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
