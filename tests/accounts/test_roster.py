"""Which account answers for a service, and with which credentials."""

import json
import os
from pathlib import Path

import pytest

from jumpseat import recordings
from jumpseat.accounts.roster import Roster
from jumpseat.model.credentials import Credential, Secret
from jumpseat.model.errors import InvalidRequest, NotSignedIn, NoValidHarFileError
from jumpseat.settings import Settings


def write_cookies(path: Path, host: str, **cookies: str) -> Path:
    path.write_text(
        json.dumps([{"name": name, "value": value, "domain": host} for name, value in cookies.items()])
    )
    return path


def test_without_credentials_microsoft_is_anonymous() -> None:
    account = Roster(Settings()).account_for("microsoft")

    assert (account.service, account.name) == ("microsoft", "environment")
    assert account.credential.is_anonymous


def test_a_token_is_shown_to_microsoft() -> None:
    account = Roster(Settings(microsoft_token=Secret("canary"))).account_for("microsoft")

    assert account.credential == Credential(token=Secret("canary"))
    assert "canary" not in repr(account)


def test_cookies_and_token_go_together(tmp_path: Path) -> None:
    cookies = write_cookies(tmp_path / "cookies.json", ".microsoft.com", MUID="x")

    account = Roster(Settings(microsoft_cookies=cookies, microsoft_token=Secret("t"))).account_for(
        "microsoft"
    )

    assert account.credential == Credential(token=Secret("t"), cookies={"MUID": Secret("x")})


def test_without_credentials_github_says_what_to_set() -> None:
    with pytest.raises(NotSignedIn, match=r"JUMPSEAT_GITHUB_COOKIES .*JUMPSEAT_GITHUB_WEB_TOKEN"):
        Roster(Settings()).account_for("github")


def test_github_takes_cookies_a_token_or_both(tmp_path: Path) -> None:
    cookies = write_cookies(tmp_path / "cookies.json", "github.com", user_session="s", logged_in="yes")
    token = Secret("t")

    both = Roster(Settings(github_cookies=cookies, github_web_token=token)).account_for("github").credential
    only_cookies = Roster(Settings(github_cookies=cookies)).account_for("github").credential
    only_token = Roster(Settings(github_web_token=token)).account_for("github").credential

    assert only_cookies == Credential(cookies={"user_session": Secret("s"), "logged_in": Secret("yes")})
    assert only_token == Credential(token=token)
    assert both == Credential(token=token, cookies=only_cookies.cookies)


def test_cookies_without_the_session_are_not_signed_in(tmp_path: Path) -> None:
    cookies = write_cookies(tmp_path / "cookies.json", "github.com", logged_in="no")

    with pytest.raises(NotSignedIn, match=r"cookies\.json holds no cookie 'user_session'"):
        Roster(Settings(github_cookies=cookies)).account_for("github")
    with_token = Roster(Settings(github_cookies=cookies, github_web_token=Secret("t"))).account_for("github")
    assert with_token.credential.token == Secret("t")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    roster = Roster(Settings(microsoft_cookies=tmp_path / "missing.json"))

    for _ in range(2):
        with pytest.raises(NoValidHarFileError, match=r"missing\.json"):
            roster.account_for("microsoft")


def test_a_file_is_read_again_when_it_changed_and_only_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookies = write_cookies(tmp_path / "cookies.json", "github.com", user_session="one")
    read: list[Path] = []
    original = recordings.read_file

    def read_file(path: Path, host: str) -> Credential:
        read.append(path)
        return original(path, host)

    monkeypatch.setattr(recordings, "read_file", read_file)
    roster = Roster(Settings(github_cookies=cookies))

    first = [roster.account_for("github") for _ in range(3)]
    write_cookies(cookies, "github.com", user_session="two")
    os.utime(cookies, ns=(1, 1))
    second = roster.account_for("github")

    assert {account.credential.cookies["user_session"].reveal() for account in first} == {"one"}
    assert second.credential.cookies["user_session"].reveal() == "two"
    assert len(read) == 2


def test_a_file_that_was_mended_is_taken(tmp_path: Path) -> None:
    cookies = tmp_path / "cookies.json"
    cookies.write_text("no JSON")
    roster = Roster(Settings(github_cookies=cookies))
    with pytest.raises(NoValidHarFileError):
        roster.account_for("github")

    write_cookies(cookies, "github.com", user_session="s")

    assert roster.account_for("github").credential.cookies


def test_an_unknown_service_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="say microsoft or github"):
        Roster(Settings()).account_for("openai")
