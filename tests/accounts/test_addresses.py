"""A kept account is shown to its own service, and to nobody whose address a setting names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jumpseat.accounts.addresses import check_addresses
from jumpseat.accounts.roster import Roster
from jumpseat.accounts.vault import Vault
from jumpseat.client import Client
from jumpseat.model.credentials import Account, Credential, Kind, Secret
from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import Settings

EVIL = "https://copilot.microsoft.com.evil.example"


@pytest.mark.parametrize("kind", ["microsoft", "github-web", "github"])
@pytest.mark.parametrize("url", [None, "http://127.0.0.1:8400", "http://[::1]:1", "https://localhost"])
def test_the_services_and_this_machine_may_see_them(kind: Kind, url: str | None) -> None:
    simulated = Settings(microsoft_url=url, github_url=url, github_chat_url=url) if url else Settings()

    check_addresses(simulated, kind)


@pytest.mark.parametrize(
    ("kind", "settings", "variable"),
    [
        ("microsoft", {"microsoft_url": EVIL}, "JUMPSEAT_MICROSOFT_URL"),
        ("microsoft", {"microsoft_url": "https://github.com"}, "JUMPSEAT_MICROSOFT_URL"),
        ("github-web", {"github_url": "https://github.com.evil.example"}, "JUMPSEAT_GITHUB_URL"),
        ("github-web", {"github_chat_url": "https://evilgithubcopilot.com"}, "JUMPSEAT_GITHUB_CHAT_URL"),
    ],
)
def test_nobody_else_may(kind: Kind, settings: dict[str, Any], variable: str) -> None:
    with pytest.raises(InvalidRequest, match="no account that is kept is shown there") as refused:
        check_addresses(Settings(**settings), kind)
    assert (refused.value.param, refused.value.code) == (variable, "address_not_allowed")


def test_a_last_dot_and_the_newer_hosts_are_the_services_too() -> None:
    for address in (
        "https://copilot.microsoft.com.",
        "https://www.copilot.com",
        "https://m365.cloud.microsoft",
    ):
        check_addresses(Settings(microsoft_url=address), "microsoft")


def test_an_account_made_at_an_address_of_ones_own_is_shown_there() -> None:
    check_addresses(Settings(microsoft_url=EVIL), "microsoft", EVIL.removeprefix("https://"))


def test_neither_a_kept_account_nor_a_recording_goes_elsewhere(tmp_path: Path) -> None:
    vault = Vault(Settings(home=tmp_path / "home"))
    cookies = {"user_session": Secret("c")}
    vault.save("microsoft", "me", Credential(token=Secret("t")), way="token", plaintext=True)
    vault.save("github-web", "me", Credential(cookies=cookies), way="cookies", plaintext=True)
    astray = Settings(home=tmp_path / "home", microsoft_url=EVIL, github_url="https://evil.example")

    for service in ("microsoft", "github"):
        assert Roster(Settings(home=tmp_path / "home")).account_for(service).is_kept
        with pytest.raises(InvalidRequest, match="shown there"):
            Roster(astray).account_for(service)
    # What a setting names goes where a setting says.
    given = Settings(home=tmp_path / "home", microsoft_url=EVIL, microsoft_token=Secret("own"))
    assert Roster(given).account_for("microsoft").credential.token == Secret("own")


async def test_a_sign_in_is_not_tried_there_either(tmp_path: Path) -> None:
    account = Account(kind="microsoft", name="new", credential=Credential(token=Secret("t")))

    async with Client(Settings(home=tmp_path / "home", microsoft_url=EVIL)) as client:
        with pytest.raises(InvalidRequest, match="shown there"):
            await client.identify(account)
