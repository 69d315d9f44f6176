"""The list of models says which of them cannot be asked yet."""

from __future__ import annotations

from pathlib import Path

from jumpseat.cli.models import who_is_missing
from jumpseat.client import Client
from jumpseat.settings import Settings
from jumpseat.simulator import SimulatorThread


async def test_models_that_need_a_sign_in_are_told_with_how_to(tmp_path: Path) -> None:
    async with Client(Settings(home=tmp_path)) as client:
        said = await who_is_missing(client)

    assert said.startswith("note: the models that begin with github/ cannot be asked yet. ")
    assert "`jumpseat login github-web --cookies FILE`" in said
    assert "\n" not in said


async def test_with_a_simulator_all_can_be_asked(simulated: SimulatorThread) -> None:
    async with Client() as client:
        assert await who_is_missing(client) == ""
