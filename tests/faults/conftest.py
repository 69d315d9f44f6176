"""What the tests of faults share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jumpseat.simulator import SimulatorThread
from tests.faults import planting
from tests.faults.inside import Inside
from tests.faults.planting import Planted
from tests.faults.secret_places import hide_at_github, put_gh


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for many clients, one after the other: making an archive takes the disk some time."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def planted() -> Planted:
    """A canary for every place."""
    return Planted()


@pytest.fixture(scope="module")
def secretive() -> Iterator[SimulatorThread]:
    """A simulator of one's own: it is told secrets, and gives some out."""
    with SimulatorThread() as running:
        yield running


@pytest.fixture
def full(
    secretive: SimulatorThread, planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The environment of a program with secrets all around it, and that simulator to ask."""
    secretive.reset()
    secretive.device_times(interval=0.02)
    secretive.simulator.world.web_tokens |= {planted["web_token"], planted["set_web_token"]}
    hide_at_github(planted, monkeypatch)
    return planting.variables(planted, tmp_path) | {
        "JUMPSEAT_SIMULATOR": secretive.url,
        "HOME": str(tmp_path),
        "PATH": f"{put_gh(planted, tmp_path)}:/usr/bin:/bin",
    }


@pytest.fixture
def inside(
    full: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Inside:
    """The command line in this process, with all of that."""
    return Inside(full, monkeypatch, capfd, caplog)
