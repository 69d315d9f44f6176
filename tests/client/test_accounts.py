"""As whom the client asks, who that is, and what is noted when the service refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from jumpseat.accounts.refusals import last_refusal
from jumpseat.client import Client
from jumpseat.client.client import Direct
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import (
    HumanCheckRequired,
    InvalidRequest,
    JumpseatError,
    MissingAuthError,
    NotSignedIn,
    RateLimited,
    StoreUnavailable,
    UpstreamRefused,
    VaultLocked,
)
from jumpseat.model.messages import Turn, user
from jumpseat.settings import Settings
from jumpseat.store.sql import SqlArchive, open_archive
from tests.accounts.fakes import FakeVault
from tests.client.fakes import ScriptedUpstream

ALICE = Credential(token=Secret("sim-alice"))


@pytest.fixture
def vault() -> FakeVault:
    return FakeVault()


@pytest.fixture
def archive(settings: Settings) -> SqlArchive:
    return open_archive(settings)


@pytest.fixture
async def client(
    settings: Settings,
    vault: FakeVault,
    archive: SqlArchive,
    microsoft: ScriptedUpstream,
    github: ScriptedUpstream,
) -> AsyncIterator[Client]:
    upstreams = {"microsoft": microsoft, "github": github}
    async with Client(settings, archive=archive, upstreams=upstreams, vault=vault) as client:  # type: ignore[arg-type]
        yield client


async def test_a_question_is_asked_as_the_account_that_is_kept(
    client: Client, vault: FakeVault, microsoft: ScriptedUpstream
) -> None:
    vault.save("microsoft", "alice", ALICE)
    await client.ask("copilot", "Hi!")
    vault.save("microsoft", "bob", Credential(token=Secret("sim-bob")))
    vault.use("bob")
    await client.ask("copilot", "Hi!")
    vault.remove("bob")

    assert [account.name for account in microsoft.accounts] == ["alice", "bob"]
    with pytest.raises(NotSignedIn, match="`jumpseat accounts use alice`"):
        await client.ask("copilot", "Hi!")


async def test_the_calls_own_account_goes_before_and_the_vault_is_not_even_read(
    client: Client, vault: FakeVault, microsoft: ScriptedUpstream
) -> None:
    vault.save("microsoft", "alice", ALICE)
    own = Account(kind="microsoft", name="call-1", credential=Credential(token=Secret("mine")))
    turn = Turn(model="copilot", messages=(user("Hi!"),))

    async with await client.start(turn, direct=Direct(account=own)) as stream:
        await stream.reply()

    assert (microsoft.accounts, vault.reads) == ([own], 0)


async def test_the_account_that_would_answer_can_be_looked_at(client: Client, vault: FakeVault) -> None:
    vault.save("microsoft", "alice", ALICE)

    assert (await client.account("Copilot")).name == "alice"
    assert (await client.account("github")).name == "environment"


async def test_who_an_account_is_is_asked_of_its_service(
    client: Client, microsoft: ScriptedUpstream, github: ScriptedUpstream
) -> None:
    microsoft.person = "Alice"
    github.person = NotSignedIn("not yours")
    alice = Account(kind="microsoft", name="new", credential=ALICE)
    web = Account(kind="github-web", name="new", credential=Credential(token=Secret("w")))

    assert await client.identify(alice) == "Alice"
    with pytest.raises(NotSignedIn, match="not yours"):
        await client.identify(web)
    assert (microsoft.accounts, github.accounts) == ([alice], [web])


async def test_an_account_of_githubs_api_is_not_asked_here(client: Client) -> None:
    account = Account(kind="github", name="octocat", credential=Credential(token=Secret("gho_x")))

    with pytest.raises(InvalidRequest, match="kind github"):
        await client.identify(account)


@pytest.mark.parametrize(
    "error",
    [
        MissingAuthError("expired"),
        HumanCheckRequired("a check"),
        UpstreamRefused("blocked", code="account_blocked"),
    ],
)
async def test_a_refusal_of_a_kept_account_is_noted(
    client: Client,
    vault: FakeVault,
    archive: SqlArchive,
    microsoft: ScriptedUpstream,
    error: JumpseatError,
) -> None:
    record = vault.save("microsoft", "alice", ALICE)
    microsoft.answers = [[error]]

    with pytest.raises(type(error)):
        await client.ask("copilot", "Hi!")

    refusal = await last_refusal(archive, record)
    assert refusal is not None
    assert refusal.code == error.code


async def test_what_says_nothing_of_the_account_is_not_noted(
    client: Client, vault: FakeVault, archive: SqlArchive, microsoft: ScriptedUpstream
) -> None:
    record = vault.save("microsoft", "alice", ALICE)
    microsoft.answers = [[RateLimited("slow down")]]

    with pytest.raises(RateLimited):
        await client.ask("copilot", "Hi!")

    assert await last_refusal(archive, record) is None


async def test_a_note_that_cannot_be_kept_hides_no_refusal(
    client: Client,
    vault: FakeVault,
    archive: SqlArchive,
    microsoft: ScriptedUpstream,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vault.save("microsoft", "alice", ALICE)
    microsoft.answers = [[MissingAuthError("expired")]]

    async def full(key: str, value: str) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(archive, "set", full)

    with pytest.raises(MissingAuthError):
        await client.ask("copilot", "Hi!")


async def test_a_locked_vault_is_told_and_nothing_is_sent(
    client: Client, vault: FakeVault, microsoft: ScriptedUpstream
) -> None:
    vault.save("microsoft", "alice", ALICE)

    def lock() -> None:
        raise VaultLocked("nobody gave the key")

    vault.before_read = lock

    with pytest.raises(VaultLocked):
        await client.ask("copilot", "Hi!")
    assert not microsoft.accounts


async def test_a_kept_account_survives_a_new_client(
    make_client: Callable[[], Client], settings: Settings, microsoft: ScriptedUpstream
) -> None:
    from jumpseat.accounts.vault import Vault

    Vault(settings).save("microsoft", "alice", ALICE, way="token", plaintext=True)

    async with make_client() as client:
        await client.ask("copilot", "Hi!")

    assert [(account.name, account.is_kept) for account in microsoft.accounts] == [("alice", True)]
