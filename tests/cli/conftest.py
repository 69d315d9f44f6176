"""What the tests of the command line share."""

from __future__ import annotations

from pathlib import Path

import pytest

from jumpseat.simulator import SimulatorThread
from tests.cli import programs


@pytest.fixture
def env(simulator: SimulatorThread, tmp_path: Path) -> dict[str, str]:
    """The environment of a program that runs against the simulator, with an empty home."""
    simulator.reset()
    return programs.environment(tmp_path, JUMPSEAT_SIMULATOR=simulator.url)
