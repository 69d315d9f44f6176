"""Sign-ins of GitHub Apps are renewed in time, once, by whoever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from filelock import FileLock
from msgspec import structs

from jumpseat.accounts import oauth
from jumpseat.accounts.oauth import is_due, lend
from jumpseat.accounts.register import AccountRecord
from jumpseat.accounts.vault import Vault
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import NotSignedIn, StoreUnavailable
from jumpseat.settings import Settings
from jumpseat.simulator import SimulatorThread
from jumpseat.transport.aio import AioTransport

OBTAINED, EXPIRES = 10_000.0, 20_000.0
APP = Credential(
    token=Secret("ghu_sim-robin"),
    refresh_token=Secret("ghr_sim-robin"),
    client_id="Iv1.0123456789",
    obtained_at=OBTAINED,
    expires_at=EXPIRES,
)


@pytest.fixture
def settings(simulator: SimulatorThread, tmp_path: Path) -> Settings:
    simulator.reset()
    address = simulator.url
    return Settings(
        home=tmp_path / "home", github_url=address, github_api_url=address, github_chat_url=address
    )


@pytest.fixture
async def wire() -> AsyncIterator[AioTransport]:
    wire = AioTransport()
    yield wire
    await wire.aclose()


def kept(settings: Settings, credential: Credential = APP) -> tuple[Vault, AccountRecord]:
    vault = Vault(settings)
    return vault, vault.save("github", "robin", credential, way="device", plaintext=True)


@pytest.mark.parametrize(
    ("credential", "now", "due"),
    [
        (APP, OBTAINED, False),
        (APP, 17_999.0, False),
        (APP, 18_000.0, True),
        (APP, EXPIRES + 1, True),
        (structs.replace(APP, obtained_at=None), EXPIRES - 1, False),
        (structs.replace(APP, obtained_at=None), EXPIRES, True),
        (structs.replace(APP, refresh_token=None), EXPIRES + 1, False),
        (structs.replace(APP, expires_at=None), EXPIRES + 1, False),
    ],
)
def test_it_is_time_after_80_percent_of_its_life(credential: Credential, now: float, due: bool) -> None:
    assert is_due(credential, now) is due


async def test_before_its_time_it_is_lent_as_it_is(settings: Settings, wire: AioTransport) -> None:
    vault, record = kept(settings)

    assert await lend(vault, record, wire, settings, now=lambda: OBTAINED) == APP


async def test_in_time_it_is_renewed_and_kept_by_the_first_of_all_who_ask(
    settings: Settings, wire: AioTransport
) -> None:
    vault, record = kept(settings)

    lent = await asyncio.gather(
        *(lend(Vault(settings), record, wire, settings, now=lambda: 18_000.0) for _ in range(5))
    )

    assert len({credential.token for credential in lent}) == 1
    assert lent[0].refresh_token == Secret("ghr_sim-robin.1")
    (current,) = vault.records()
    assert vault.credential(current) == lent[0]
    assert (settings.home / oauth.LOCK).stat().st_mode & 0o777 == 0o600


async def test_one_that_was_refused_is_renewed_whatever_the_clock_says(
    settings: Settings, wire: AioTransport
) -> None:
    vault, record = kept(settings)

    renewed = await lend(vault, record, wire, settings, refused=APP, now=lambda: OBTAINED)
    again = await lend(vault, record, wire, settings, refused=APP, now=lambda: OBTAINED)

    assert renewed.refresh_token == Secret("ghr_sim-robin.1")
    assert again == renewed, "somebody else was refused as well, and came first"


async def test_one_that_cannot_be_renewed_is_lent_as_it_is(settings: Settings, wire: AioTransport) -> None:
    forever = Credential(token=Secret("gho_sim-robin"))
    vault, record = kept(settings, forever)

    assert await lend(vault, record, wire, settings, refused=forever) == forever


async def test_an_account_that_was_removed_meanwhile_is_said_to_be(
    settings: Settings, wire: AioTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, record = kept(settings)

    def locked(path: Path) -> FileLock:
        vault.remove("robin")
        return FileLock(path)

    monkeypatch.setattr(oauth, "_locked", locked)

    with pytest.raises(NotSignedIn, match="removed meanwhile"):
        await lend(vault, record, wire, settings, now=lambda: EXPIRES)


async def test_who_waits_for_another_process_in_vain_is_told(
    settings: Settings, wire: AioTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, record = kept(settings)
    monkeypatch.setattr(oauth, "LOCK_SECONDS", 0.01)

    with (
        FileLock(settings.home / oauth.LOCK),
        pytest.raises(StoreUnavailable, match="another jumpseat"),
    ):
        await lend(vault, record, wire, settings, now=lambda: EXPIRES)


async def test_who_it_is_can_be_asked_of_one_that_has_ended_too(
    settings: Settings, wire: AioTransport
) -> None:
    vault, _ = kept(settings, structs.replace(APP, token=Secret("ghu_ended")))
    ended = Account(kind="github", name="robin", credential=structs.replace(APP, token=Secret("ghu_ended")))

    assert await oauth.identify(vault, ended, wire, settings) == "robin"
    assert vault.credential(vault.records()[0]).token == APP.token


async def test_who_cannot_be_renewed_is_refused_as_ever(settings: Settings, wire: AioTransport) -> None:
    ended = Credential(token=Secret("gho_ended"))
    vault, _ = kept(settings, ended)

    with pytest.raises(NotSignedIn):
        await oauth.identify(vault, Account(kind="github", name="robin", credential=ended), wire, settings)
