"""The accounts that are kept answer the documents' calls too."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable

import pytest

from jumpseat.accounts.register import AccountRecord
from jumpseat.accounts.vault import Vault
from jumpseat.model.credentials import Credential, Secret
from jumpseat.providers import Copilot, GithubCopilot
from jumpseat.settings_file import load_settings
from jumpseat.simulator import SimulatorThread

MESSAGES = [{"role": "user", "content": "%%SAY hello%%"}]


@pytest.fixture
def vault(simulated: SimulatorThread) -> Vault:
    simulated.reset()
    return Vault(load_settings(os.environ))


def keep(vault: Vault, name: str) -> None:
    vault.save("microsoft", name, Credential(token=Secret(f"sim-{name}")), way="token", plaintext=True)


def text_of(items: Iterable[object]) -> str:
    return "".join(item for item in items if isinstance(item, str))


def askers(simulator: SimulatorThread) -> list[str | None]:
    """The tokens that chat sockets were opened with, one after the other."""
    sockets = [entry for entry in simulator.log() if str(entry.get("path", "")).endswith("/c/api/chat")]
    return [entry["query"].get("accessToken") for entry in sockets]


def test_who_is_kept_answers_and_a_switch_is_followed(simulated: SimulatorThread, vault: Vault) -> None:
    keep(vault, "alice")
    keep(vault, "bob")
    assert text_of(Copilot.create_completion("", MESSAGES)) == "hello"
    assert Copilot._access_token == "sim-alice"
    vault.use("bob")
    assert text_of(Copilot.create_completion("", MESSAGES)) == "hello"
    assert Copilot._access_token == "sim-bob"
    assert text_of(Copilot.create_completion("", MESSAGES, api_key="sim-carol")) == "hello"

    assert askers(simulated) == ["sim-alice", "sim-bob", "sim-carol"]


def test_an_account_is_looked_up_once_for_many_calls(
    simulated: SimulatorThread, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(vault, "alice")
    looked_up: list[str] = []
    original = Vault.credential

    def credential(vault: Vault, record: AccountRecord) -> Credential:
        looked_up.append(record.name)
        return original(vault, record)

    monkeypatch.setattr(Vault, "credential", credential)

    async def talk() -> list[str]:
        calls = [Copilot.create_completion("", MESSAGES) for _ in range(3)]
        return [text_of([item async for item in call]) for call in calls]

    assert asyncio.run(talk()) == ["hello"] * 3
    assert text_of(Copilot.create_completion("", MESSAGES)) == "hello"
    assert looked_up == ["alice"]


def test_github_is_asked_with_the_cookies_that_are_kept(simulated: SimulatorThread, vault: Vault) -> None:
    cookies = Credential(cookies={"user_session": Secret("sim-1")})
    vault.save("github-web", "octocat", cookies, way="cookies", plaintext=True)

    assert text_of(GithubCopilot.create_async_generator("", MESSAGES)) == "hello"
    assert [entry for entry in simulated.log() if str(entry.get("path", "")).endswith("/chat/token")]
