"""How long whole processes take that do next to nothing."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Mapping

from benchmarks.stage import JUMPSEAT

COMMANDS: Mapping[str, list[str]] = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import jumpseat'": [sys.executable, "-c", "import jumpseat"],
    "jumpseat --version": [str(JUMPSEAT), "--version"],
    "jumpseat --help": [str(JUMPSEAT), "--help"],
}


def startup(times: int) -> dict[str, float]:
    """Milliseconds of each command, the median; they are run in turn."""
    found: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(times + 1):
        for name, command in COMMANDS.items():
            began_at = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            found[name].append((time.perf_counter() - began_at) * 1000)
    # The first run of each reads the disk.
    return {name: statistics.median(values[1:]) for name, values in found.items()}
