"""Which account answers for a service, and with which credentials."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import threading
from pathlib import Path

import pytest

from jumpseat import recordings
from jumpseat.accounts.roster import Roster
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import InvalidRequest, NotSignedIn, NoValidHarFileError, VaultLocked
from jumpseat.settings import SIMULATOR_WEB_TOKEN, Settings
from tests.accounts.fakes import FakeVault
from tests.waiting import until_async

ALICE = Credential(token=Secret("sim-alice"))
BOB = Credential(token=Secret("sim-bob"))


def write_cookies(path: Path, host: str, **cookies: str) -> Path:
    path.write_text(
        json.dumps([{"name": name, "value": value, "domain": host} for name, value in cookies.items()])
    )
    return path


def write_recording(home: Path, token: str, name: str = "chat.har") -> Path:
    folder = home / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    url = f"wss://copilot.microsoft.com/c/api/chat?api-version=2&accessToken={token}"
    entry = {
        "startedDateTime": "2026-11-20T10:00:00Z",
        "request": {"method": "GET", "url": url, "headers": [], "cookies": []},
        "response": {"status": 101, "headers": [], "cookies": []},
    }
    path = folder / name
    path.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": [entry]}}))
    return path


@pytest.fixture
def vault() -> FakeVault:
    return FakeVault()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def token_of(account: Account) -> str:
    assert account.credential.token is not None
    return account.credential.token.reveal()


# What a setting names.


def test_without_credentials_microsoft_is_anonymous(home: Path, vault: FakeVault) -> None:
    account = Roster(Settings(home=home), vault).account_for("microsoft")

    assert (account.kind, account.name, account.is_kept) == ("microsoft", "environment", False)
    assert account.credential.is_anonymous


def test_a_token_is_shown_to_microsoft(vault: FakeVault) -> None:
    account = Roster(Settings(microsoft_token=Secret("canary")), vault).account_for("microsoft")

    assert account.credential == Credential(token=Secret("canary"))
    assert "canary" not in repr(account)


def test_cookies_and_token_go_together(tmp_path: Path, vault: FakeVault) -> None:
    cookies = write_cookies(tmp_path / "cookies.json", ".microsoft.com", MUID="x")
    settings = Settings(microsoft_cookies=cookies, microsoft_token=Secret("t"))

    credential = Roster(settings, vault).account_for("microsoft").credential

    assert credential.token == Secret("t")
    assert dict(credential.cookies) == {"MUID": Secret("x")}


def test_github_takes_cookies_a_token_or_both(tmp_path: Path, vault: FakeVault) -> None:
    cookies = write_cookies(tmp_path / "cookies.json", "github.com", user_session="s", logged_in="yes")
    token = Secret("t")

    def asked_with(settings: Settings) -> Credential:
        return Roster(settings, vault).account_for("github").credential

    both = asked_with(Settings(github_cookies=cookies, github_web_token=token))
    only_cookies = asked_with(Settings(github_cookies=cookies))
    only_token = asked_with(Settings(github_web_token=token))

    assert dict(only_cookies.cookies) == {"user_session": Secret("s"), "logged_in": Secret("yes")}
    assert only_cookies.token is None
    assert only_token == Credential(token=token)
    assert (both.token, both.cookies) == (token, only_cookies.cookies)


def test_cookies_without_the_session_are_not_signed_in(tmp_path: Path, vault: FakeVault) -> None:
    cookies = write_cookies(tmp_path / "cookies.json", "github.com", logged_in="no")

    with pytest.raises(NotSignedIn, match=r"cookies\.json holds no cookie 'user_session'"):
        Roster(Settings(github_cookies=cookies), vault).account_for("github")
    settings = Settings(github_cookies=cookies, github_web_token=Secret("t"))
    assert token_of(Roster(settings, vault).account_for("github")) == "t"


def test_a_missing_file_is_named(tmp_path: Path, vault: FakeVault) -> None:
    roster = Roster(Settings(microsoft_cookies=tmp_path / "missing.json"), vault)

    for _ in range(2):
        with pytest.raises(NoValidHarFileError, match=r"missing\.json"):
            roster.account_for("microsoft")


def test_a_file_is_read_again_when_it_changed_and_only_then(
    tmp_path: Path, vault: FakeVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookies = write_cookies(tmp_path / "cookies.json", "github.com", user_session="one")
    read: list[Path] = []
    original = recordings.read_file

    def read_file(path: Path, host: str, *, limit: int) -> Credential:
        read.append(path)
        return original(path, host, limit=limit)

    monkeypatch.setattr(recordings, "read_file", read_file)
    roster = Roster(Settings(github_cookies=cookies), vault)

    first = [roster.account_for("github") for _ in range(3)]
    write_cookies(cookies, "github.com", user_session="two")
    os.utime(cookies, ns=(1, 1))
    second = roster.account_for("github")

    assert {account.credential.cookies["user_session"].reveal() for account in first} == {"one"}
    assert second.credential.cookies["user_session"].reveal() == "two"
    assert len(read) == 2


def test_a_file_that_was_mended_is_taken(tmp_path: Path, vault: FakeVault) -> None:
    cookies = tmp_path / "cookies.json"
    cookies.write_text("no JSON")
    roster = Roster(Settings(github_cookies=cookies), vault)
    with pytest.raises(NoValidHarFileError):
        roster.account_for("github")

    write_cookies(cookies, "github.com", user_session="s")

    assert roster.account_for("github").credential.cookies


def test_an_unknown_service_is_refused(vault: FakeVault) -> None:
    with pytest.raises(InvalidRequest, match="say microsoft or github"):
        Roster(Settings(), vault).account_for("openai")


# What is kept.


def test_the_account_that_is_kept_answers(home: Path, vault: FakeVault) -> None:
    vault.save("microsoft", "alice", ALICE)

    account = Roster(Settings(home=home), vault).account_for("microsoft")

    assert account == Account(kind="microsoft", name="alice", credential=ALICE, is_kept=True)


def test_a_setting_goes_before_what_is_kept_and_does_not_even_look(vault: FakeVault) -> None:
    vault.save("microsoft", "alice", ALICE)

    account = Roster(Settings(microsoft_token=Secret("set")), vault).account_for("microsoft")

    assert (token_of(account), account.is_kept, vault.reads) == ("set", False, 0)


def test_a_switch_and_a_removal_are_followed(home: Path, vault: FakeVault) -> None:
    vault.save("microsoft", "alice", ALICE)
    vault.save("microsoft", "bob", BOB)
    roster = Roster(Settings(home=home), vault)
    before = roster.account_for("microsoft").name
    vault.use("bob")
    switched = roster.account_for("microsoft").name
    vault.remove("bob")
    vault.remove("alice")

    assert (before, switched) == ("alice", "bob")
    assert roster.account_for("microsoft").credential.is_anonymous


def test_of_accounts_none_of_which_is_used_none_is_guessed(home: Path, vault: FakeVault) -> None:
    for name in ("alice", "bob", "carol"):
        vault.save("microsoft", name, ALICE)
    vault.remove("alice")
    roster = Roster(Settings(home=home), vault)

    with pytest.raises(NotSignedIn, match=r"there is bob, carol.*`jumpseat accounts use bob`"):
        roster.account_for("microsoft")
    vault.remove("bob")
    with pytest.raises(NotSignedIn, match="`jumpseat accounts use carol`"):
        roster.account_for("microsoft")


def test_a_locked_vault_is_told_as_it_is(home: Path, vault: FakeVault) -> None:
    vault.save("microsoft", "alice", ALICE)

    def lock() -> None:
        raise VaultLocked("nobody gave the key")

    vault.before_read = lock

    with pytest.raises(VaultLocked, match="nobody gave the key"):
        Roster(Settings(home=home), vault).account_for("microsoft")


def test_without_credentials_github_says_what_to_type(home: Path, vault: FakeVault) -> None:
    with pytest.raises(NotSignedIn, match="`jumpseat login github-web --cookies FILE`"):
        Roster(Settings(home=home), vault).account_for("github")


def test_a_sign_in_to_githubs_api_is_no_sign_in_to_its_web_chat(home: Path, vault: FakeVault) -> None:
    vault.save("github", "octocat", Credential(token=Secret("gho_x")))
    for settings, known in (
        (Settings(home=home), vault),
        (Settings(home=home, github_token=Secret("gho_x")), FakeVault()),
    ):
        with pytest.raises(NotSignedIn, match=r"through its web chat.*`jumpseat login github-web"):
            Roster(settings, known).account_for("github")


def test_githubs_web_chat_is_asked_as_the_account_of_its_kind(home: Path, vault: FakeVault) -> None:
    vault.save("github", "octocat", Credential(token=Secret("gho_x")))
    vault.save("github-web", "web", Credential(cookies={"user_session": Secret("s")}))

    account = Roster(Settings(home=home), vault).account_for("github")

    assert (account.kind, account.name) == ("github-web", "web")


def test_the_simulators_own_token_counts_least(home: Path, vault: FakeVault) -> None:
    settings = Settings(home=home, github_web_token=Secret(SIMULATOR_WEB_TOKEN))
    roster = Roster(settings, vault)
    before = roster.account_for("github")
    vault.save("github-web", "web", Credential(token=Secret("mine")))

    assert (token_of(before), before.name) == (SIMULATOR_WEB_TOKEN, "environment")
    assert token_of(roster.account_for("github")) == "mine"


# What lies in the folder of recordings.


def test_a_recording_answers_where_nobody_is_signed_in(home: Path, vault: FakeVault) -> None:
    write_recording(home, "sim-recorded")
    roster = Roster(Settings(home=home), vault)

    account = roster.account_for("microsoft")
    vault.save("microsoft", "alice", ALICE)

    assert (account.name, token_of(account)) == ("recording", "sim-recorded")
    assert roster.account_for("microsoft").name == "alice"


def test_a_recording_that_comes_later_is_found(home: Path, vault: FakeVault) -> None:
    roster = Roster(Settings(home=home), vault)
    assert roster.account_for("microsoft").credential.is_anonymous

    write_recording(home, "sim-recorded")

    assert token_of(roster.account_for("microsoft")) == "sim-recorded"


def test_a_recording_that_cannot_be_used_is_told_to_the_log(
    home: Path, vault: FakeVault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    write_recording(home, "x").write_text("{")

    assert Roster(Settings(home=home), vault).account_for("microsoft").credential.is_anonymous
    assert "chat.har" in caplog.text


# On an event loop.


async def test_what_takes_long_is_looked_up_once_and_not_on_the_loop(home: Path, vault: FakeVault) -> None:
    vault.save("microsoft", "alice", ALICE)
    go_on = threading.Event()
    vault.before_read = lambda: go_on.wait(10)
    roster = Roster(Settings(home=home), vault)
    waiting = [asyncio.create_task(roster.lend("microsoft")) for _ in range(50)]
    await until_async(lambda: vault.reads)

    go_on.set()
    accounts = await asyncio.gather(*waiting)

    assert {account.name for account in accounts} == {"alice"}
    assert vault.reads == 1
    assert threading.get_ident() not in vault.threads
    assert (await roster.lend("microsoft")).name == "alice"
    assert vault.reads == 1


async def test_one_who_leaves_takes_nothing_from_the_others(home: Path, vault: FakeVault) -> None:
    vault.save("microsoft", "alice", ALICE)
    go_on = threading.Event()
    vault.before_read = lambda: go_on.wait(10)
    roster = Roster(Settings(home=home), vault)
    leaving, staying = (asyncio.create_task(roster.lend("microsoft")) for _ in range(2))
    await until_async(lambda: vault.reads)

    leaving.cancel()
    go_on.set()

    assert (await staying).name == "alice"
    assert leaving.cancelled()
    assert vault.reads == 1


async def test_whoever_asks_after_a_change_hears_of_it_though_an_older_look_up_is_still_on_its_way(
    home: Path, vault: FakeVault
) -> None:
    vault.save("microsoft", "alice", ALICE)
    go_on = threading.Event()
    vault.before_read = lambda: go_on.wait(10)
    roster = Roster(Settings(home=home), vault)
    early = asyncio.create_task(roster.lend("microsoft"))
    await until_async(lambda: vault.reads)
    vault.save("microsoft", "bob", BOB)
    vault.use("bob")
    late = asyncio.create_task(roster.lend("microsoft"))
    await until_async(lambda: vault.reads == 2)

    go_on.set()

    assert ((await early).name, (await late).name) == ("alice", "bob")
    assert (await roster.lend("microsoft")).name == "bob"


async def test_an_error_is_shared_and_not_remembered(home: Path, vault: FakeVault) -> None:
    vault.save("microsoft", "alice", ALICE)

    def lock() -> None:
        raise VaultLocked("nobody gave the key")

    vault.before_read = lock
    roster = Roster(Settings(home=home), vault)
    for error in await asyncio.gather(*(roster.lend("microsoft") for _ in range(3)), return_exceptions=True):
        assert isinstance(error, VaultLocked)

    vault.before_read = lambda: None

    assert (await roster.lend("microsoft")).name == "alice"


async def test_a_look_up_outlives_the_loop_that_began_it(home: Path, vault: FakeVault) -> None:
    vault.save("microsoft", "alice", ALICE)
    go_on = threading.Event()
    vault.before_read = lambda: go_on.wait(10)
    roster = Roster(Settings(home=home), vault)

    def begin_and_leave() -> None:
        async def begin() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(roster.lend("microsoft"), 0.02)

        asyncio.run(begin())

    await asyncio.to_thread(begin_and_leave)
    waiting = asyncio.create_task(roster.lend("microsoft"))
    await asyncio.sleep(0)
    go_on.set()

    assert (await waiting).name == "alice"
    assert vault.reads == 1


async def test_a_sign_in_that_ends_is_told_to_the_log_once_before_and_once_after(
    home: Path, vault: FakeVault, caplog: pytest.LogCaptureFixture
) -> None:
    now = 1000.0
    vault.save("microsoft", "alice", Credential(token=Secret("canary"), expires_at=4600.0))
    roster = Roster(Settings(home=home), vault, now=lambda: now)

    for moment in (1000.0, 4001.0, 4300.0, 4600.0, 9000.0):
        now = moment
        await roster.lend("microsoft")

    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == 2
    assert "end in 10 minutes" in told[0]
    assert "has presumably ended" in told[1]
    assert all("`jumpseat login microsoft`" in line and "canary" not in line for line in told)
