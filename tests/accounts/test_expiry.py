"""When the end of a sign-in is told, and with which command."""

from __future__ import annotations

import pytest

from jumpseat.accounts.expiry import SOON_SECONDS, Reminder, notice
from jumpseat.accounts.register import AccountRecord, Way
from jumpseat.model.credentials import Account, Credential, Kind, Secret

NOW = 1_800_000_000.0
COOKIES = {"user_session": Secret("s")}


def account(kind: Kind = "microsoft", *, ends_in: float | None = 60, **fields: object) -> Account:
    ends_at = None if ends_in is None else NOW + ends_in
    credential = Credential(token=Secret("canary"), expires_at=ends_at, **fields)  # type: ignore[arg-type]
    return Account(kind=kind, name="work", credential=credential, is_kept=True)


def record(
    kind: Kind = "microsoft", way: Way = "har", *, ends_in: float = 60, is_used: bool = True
) -> AccountRecord:
    return AccountRecord(
        kind=kind,
        name="work",
        is_used=is_used,
        keep="keyring",
        secret_id="1",
        way=way,
        added_at=NOW,
        expires_at=NOW + ends_in,
    )


@pytest.mark.parametrize(
    ("ends_in", "said"),
    [
        (None, None),
        (SOON_SECONDS + 1, None),
        (SOON_SECONDS, "will presumably end in 10 minutes"),
        (61, "will presumably end in 2 minutes"),
        (60, "will presumably end in 1 minute,"),
        (0.5, "will presumably end in 1 minute,"),
        (0, "has presumably ended"),
        (-86400, "has presumably ended"),
    ],
)
def test_it_is_told_from_ten_minutes_before_on(ends_in: float | None, said: str | None) -> None:
    told = notice(account(ends_in=ends_in), NOW)

    assert told is None if said is None else said in (told or "")


def test_the_one_command_is_told_and_no_secret() -> None:
    assert notice(account(), NOW) == (
        "the sign-in to Microsoft Copilot (work) will presumably end in 1 minute, and cannot renew itself. "
        "Sign in again: `jumpseat login microsoft`"
    )


def test_of_an_account_that_is_not_in_use_the_name_is_said() -> None:
    assert "`jumpseat login microsoft --name work`" in (notice(record(is_used=False), NOW) or "")
    assert "`jumpseat login microsoft`" in (notice(record(), NOW) or "")


def test_what_a_setting_names_goes_before_a_login() -> None:
    from_setting = Account(kind="microsoft", name="environment", credential=account().credential)
    recorded = Account(kind="microsoft", name="recording", credential=account().credential)

    assert (notice(from_setting, NOW) or "").endswith("which goes before)")
    assert (notice(recorded, NOW) or "").endswith("`jumpseat login microsoft`")


def test_what_renews_itself_does_not_end() -> None:
    assert notice(account("github-web", cookies=COOKIES), NOW) is None
    assert notice(account("github", refresh_token=Secret("r")), NOW) is None
    assert notice(record("github-web", "cookies"), NOW) is None
    assert notice(record("github", "device"), NOW) is None


def test_what_does_not_ends_at_github_too() -> None:
    assert "`jumpseat login github-web --cookies FILE`" in (notice(account("github-web"), NOW) or "")
    assert "`jumpseat login github`" in (notice(account("github"), NOW) or "")
    assert "GitHub's web chat" in (notice(record("github-web", "token"), NOW) or "")


def test_a_reminder_tells_each_end_once_when_it_is_near_and_once_when_it_is_there() -> None:
    reminder = Reminder()

    told = [
        reminder.of(account(ends_in=ends_in), NOW + later)
        for ends_in, later in ((700, 0), (700, 200), (700, 300), (700, 800), (700, 900), (4300, 3800))
    ]

    assert [bool(text) for text in told] == [False, True, False, True, False, True]
    assert reminder.of(account(ends_in=None), NOW) is None
