"""The official `openai` Node client through the gateway: one test for each journey of `node/journey.mjs`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from jumpseat.simulator import SimulatorThread

FOLDER = Path(__file__).parent / "node"
SCRIPT = FOLDER / "journey.mjs"
SECONDS = 45

JOURNEYS = re.findall(r"^  async (\w+)\(\) \{$", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def told(simulator: SimulatorThread, gateway: str) -> dict[str, str]:
    """What the script says of each journey: why it failed, or nothing."""
    node = shutil.which("node")
    if (node is None or not (FOLDER / "node_modules").exists()) and not os.environ.get("CI"):
        pytest.skip("the Node client is not installed: `make test` does that")
    assert node is not None
    simulator.reset()
    ran = subprocess.run(
        [node, str(SCRIPT), gateway, simulator.url],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert rows, ran.stderr
    return {row["journey"]: row.get("why", "") for row in rows}


@pytest.mark.parametrize("journey", JOURNEYS)
def test_the_node_client_gets_there(told: dict[str, str], journey: str) -> None:
    assert told[journey] == ""


def test_there_are_journeys() -> None:
    assert len(JOURNEYS) > 10
