"""What holds for every test."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from jumpseat.simulator import SimulatorThread

# How fast the machine is says nothing about the property; and what fails on CI has to fail again when asked.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

# No test, and no program that one starts, reaches for the keyring of whoever runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
# Nor does any open a window on their screen.
for _name in ("DISPLAY", "WAYLAND_DISPLAY"):
    os.environ.pop(_name, None)


def pytest_collection_finish() -> None:
    """
    Let the collector pass over what is imported and collected by now: it stays until the end.

    Tests that count what is left collect first, and each time looked through all of that.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorThread]:
    """One simulator for all tests that need no particular state of it."""
    with SimulatorThread() as running:
        yield running


@pytest.fixture
def simulated(simulator: SimulatorThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatorThread:
    """The environment of a program that runs against the simulator, with an empty home."""
    for name in [name for name in os.environ if name.startswith("JUMPSEAT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JUMPSEAT_SIMULATOR", simulator.url)
    monkeypatch.setenv("JUMPSEAT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUMPSEAT_PACE", "off")
    return simulator
