"""A simulator of its own for each test, and plain clients for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from jumpseat.simulator import Simulator
from tests.simulator.peers import GithubPeer, MicrosoftPeer


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator() as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def microsoft(sim: Simulator, session: aiohttp.ClientSession) -> MicrosoftPeer:
    return MicrosoftPeer(session, sim.url)


@pytest.fixture
def github(sim: Simulator, session: aiohttp.ClientSession) -> GithubPeer:
    return GithubPeer(session, sim.url)
