"""What the figures were measured on: no names of hosts or people."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("aiohttp", "curl_cffi", "httptools", "msgspec", "sqlalchemy", "uvicorn", "uvloop")
COMMITS = 200


def machine() -> dict[str, str]:
    """The processor, the system, the disk and the libraries."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "load before": ", ".join(f"{load:.2f}" for load in os.getloadavg()),
        "durable commit of SQLite": f"{durable_commit_us():.0f} µs",
        "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def durable_commit_us() -> float:
    """Microseconds until a small transaction is durable; the gateway waits for two of them in each turn."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "x.db", isolation_level=None)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t (x TEXT)"):
            connection.execute(statement)
        times = []
        for _ in range(COMMITS):
            began_at = time.perf_counter()
            connection.execute("INSERT INTO t VALUES (?)", ("x" * 200,))
            times.append(time.perf_counter() - began_at)
        connection.close()
    return statistics.median(times) * 1e6
