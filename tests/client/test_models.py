"""The list of models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jumpseat.accounts.roster import Roster
from jumpseat.client import Client
from jumpseat.client.models import FRESH_SECONDS, Catalog
from jumpseat.model.catalog import ModelCard
from jumpseat.model.credentials import Credential, Secret
from jumpseat.model.errors import UpstreamBroke
from jumpseat.settings import Settings
from tests.accounts.fakes import FakeVault
from tests.client.fakes import ScriptedUpstream

NEW = ModelCard(id="github/gpt-9", service="github", mode="gpt-9", name="GPT-9")


async def test_the_accounts_own_list_is_asked_for(client: Client, github: ScriptedUpstream) -> None:
    github.live = [NEW]

    assert [card.id for card in await client.models()] == ["microsoft/copilot", "github/gpt-9"]
    assert client.resolve("gpt-9").id == "github/gpt-9"


async def test_a_service_that_is_away_leaves_what_is_known(client: Client, github: ScriptedUpstream) -> None:
    github.live = UpstreamBroke("away")

    assert [card.id for card in await client.models()] == ["microsoft/copilot", "github/gpt-4o"]


async def test_without_a_sign_in_the_known_list_stands(
    make_client: Callable[[], Client], github: ScriptedUpstream, tmp_path: Path
) -> None:
    upstream = ScriptedUpstream("github")
    catalog = Catalog({"github": upstream}, Roster(Settings(home=tmp_path)))

    assert [card.id for card in await catalog.live_cards()] == ["github/gpt-4o"]
    assert upstream.accounts == []


async def test_another_accounts_list_is_asked_for_at_once(tmp_path: Path) -> None:
    upstream, vault = ScriptedUpstream("github"), FakeVault()
    upstream.live = [NEW]
    catalog = Catalog({"github": upstream}, Roster(Settings(home=tmp_path), vault))
    await catalog.live_cards()
    assert upstream.accounts == []

    for name in ("one", "two"):
        vault.save("github-web", name, Credential(token=Secret(name)))
        vault.use(name)
        await catalog.live_cards()

    assert [account.name for account in upstream.accounts] == ["one", "two"]


async def test_a_list_is_asked_for_again_only_when_it_is_old(tmp_path: Path) -> None:
    now = 0.0
    upstream = ScriptedUpstream("github")
    upstream.live = [NEW]
    roster = Roster(Settings(home=tmp_path, github_web_token=Secret("t")))
    catalog = Catalog({"github": upstream}, roster, clock=lambda: now)
    await catalog.live_cards()
    await catalog.live_cards()
    assert len(upstream.accounts) == 1
    now = FRESH_SECONDS + 1
    upstream.live = UpstreamBroke("away")

    assert await catalog.live_cards() == [NEW]
    assert len(upstream.accounts) == 2
