"""The report for a bug tracker says how things are, and not whose they are."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from jumpseat.accounts.register import AccountRecord
from jumpseat.cli.doctor.bundle import Redaction, report
from jumpseat.cli.doctor.check import ok, wrong
from jumpseat.model.credentials import Secret
from jumpseat.settings import Settings

CANARY = "canary-4711"


def record(name: str, person: str | None = None) -> AccountRecord:
    return AccountRecord(
        kind="microsoft",
        name=name,
        is_used=True,
        keep="plaintext",
        secret_id="s",
        way="har",
        added_at=1.0,
        person=person,
    )


def test_names_of_accounts_and_people_are_replaced() -> None:
    redact = Redaction([record("heiner@work", "Heiner"), record("work")], Path("/state"))

    assert redact("heiner@work is Heiner's, work is not; homework is.") == (
        "account-1 is person-1's, account-2 is not; homework is."
    )


def test_folders_logins_and_addresses_are_replaced() -> None:
    redact = Redaction([], Path.home() / "elsewhere" / "state")

    said = redact(
        f"{Path.home()}/elsewhere/state/a {Path.home()}/b {getpass.getuser()} me.too@mail.example.org"
    )

    assert said == "<state>/a ~/b <login> <address>"


def test_the_report_holds_every_check_and_no_markup_of_theirs() -> None:
    checks = [ok("store", "fine | fine"), wrong("microsoft heiner", "not accepted\nat all")]

    text = report(checks, Settings(home=Path("/state")), Redaction([record("heiner")], Path("/state")))

    assert "| store | ok | fine \\| fine |" in text
    assert "| microsoft account-1 | wrong | not accepted at all |" in text


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (Settings(microsoft_token=Secret(CANARY)), "JUMPSEAT_MICROSOFT_TOKEN is set"),
        (Settings(vault_key=f"env:{CANARY}"), "JUMPSEAT_VAULT_KEY is set"),
        (Settings(github_cookies=Path(CANARY)), "JUMPSEAT_GITHUB_COOKIES is set"),
        (Settings(microsoft_url=f"https://{CANARY}.example"), "JUMPSEAT_MICROSOFT_URL is set"),
        (Settings(github_url="http://127.0.0.1:8400"), "JUMPSEAT_GITHUB_URL = an address of this machine"),
        (Settings(queue_limit=7), "JUMPSEAT_QUEUE_LIMIT = 7"),
        (Settings(recognise=False), "JUMPSEAT_RECOGNISE = False"),
    ],
)
def test_settings_are_told_where_they_say_nothing_of_anybody(settings: Settings, line: str) -> None:
    text = report([], settings, Redaction([], settings.home))

    assert f"* {line}\n" in text
    assert CANARY not in text


def test_without_settings_it_says_so() -> None:
    assert report([], Settings(), Redaction([], Path("/state"))).endswith("default\n\nnone\n")
