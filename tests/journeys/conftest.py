"""The gateway between the simulator and the official clients, in this process but in a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jumpseat.gateway.server import ServerThread
from jumpseat.gateway.settings import GatewaySettings
from jumpseat.settings import Settings
from jumpseat.simulator import SimulatorThread


@pytest.fixture(scope="module")
def gateway(simulator: SimulatorThread, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a gateway that all journeys of a module share."""
    settings = settings_for(simulator, tmp_path_factory.mktemp("home"))
    with ServerThread(settings, GatewaySettings(port=0)) as server:
        yield server.address


@pytest.fixture
def fresh(simulator: SimulatorThread) -> SimulatorThread:
    """The simulator with nothing armed and an empty journal."""
    simulator.reset()
    return simulator


def settings_for(simulator: SimulatorThread, home: Path, **more: str) -> Settings:
    """The settings of a gateway whose upstreams are the simulator."""
    return Settings.from_environment(
        {"JUMPSEAT_SIMULATOR": simulator.url, "JUMPSEAT_HOME": str(home), "JUMPSEAT_PACE": "off"} | more
    )
