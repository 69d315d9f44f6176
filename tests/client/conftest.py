"""A client over scripted upstreams, with a store of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from jumpseat.client import Client
from jumpseat.model.credentials import Secret
from jumpseat.settings import Settings
from tests.client.fakes import ScriptedUpstream


@pytest.fixture
def microsoft() -> ScriptedUpstream:
    return ScriptedUpstream("microsoft")


@pytest.fixture
def github() -> ScriptedUpstream:
    return ScriptedUpstream("github")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", github_web_token=Secret("t"), conversation_wait=0.05)


@pytest.fixture
def make_client(
    settings: Settings, microsoft: ScriptedUpstream, github: ScriptedUpstream
) -> Callable[[], Client]:
    """Each call is a new process, as far as memory goes."""
    return lambda: Client(settings, upstreams={"microsoft": microsoft, "github": github})


@pytest.fixture
async def client(make_client: Callable[[], Client]) -> AsyncIterator[Client]:
    async with make_client() as client:
        yield client
