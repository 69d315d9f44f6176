"""After many failures and hasty leaves the process holds no more than before."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from jumpseat import Client
from jumpseat.model.errors import JumpseatError
from jumpseat.simulator import SimulatorThread
from tests.faults.staging import open_things, staged_settings
from tests.waiting import until_async

ROUNDS = 15
SPARE = 4
"""Connections that the libraries keep open for the next call."""

FAULTS = (
    ("microsoft/copilot", "eof-amid-text"),
    ("microsoft/copilot", "handshake-503"),
    ("microsoft/copilot", "challenge-null"),
    ("microsoft/copilot", "rest-html"),
    ("github/gpt-4o", "github-cut-amid-text"),
    ("github/gpt-4o", "github-messages-500"),
    ("github/gpt-4o", "github-api-html"),
)


@pytest.mark.parametrize(("model", "fault"), FAULTS, ids=[fault for _, fault in FAULTS])
async def test_failures_leave_no_descriptor(
    simulator: SimulatorThread, tmp_path: Path, model: str, fault: str
) -> None:
    simulator.reset()
    async with Client(staged_settings(simulator, tmp_path)) as client:
        await client.ask(model, "%%SAY warm%%")
        before = psutil.Process().num_fds()
        simulator.arm(fault, times=100 * ROUNDS)
        for _ in range(ROUNDS):
            with pytest.raises(JumpseatError):
                await client.ask(model, "Hello")
        simulator.reset()

        await until_async(lambda: not open_things(simulator))
        await until_async(lambda: psutil.Process().num_fds() <= before + SPARE)


@pytest.mark.parametrize("model", ["microsoft/copilot", "github/gpt-4o"])
async def test_streams_left_early_leave_no_descriptor(
    simulator: SimulatorThread, tmp_path: Path, model: str
) -> None:
    simulator.reset()
    async with Client(staged_settings(simulator, tmp_path)) as client:
        await client.ask(model, "%%SAY warm%%")
        before = psutil.Process().num_fds()
        for _ in range(ROUNDS):
            async with client.stream(model, "%%TOKENS 100000%%") as stream:
                async for _word in stream.text_stream:
                    break

        await until_async(lambda: not open_things(simulator))
        await until_async(lambda: psutil.Process().num_fds() <= before + SPARE)
