"""The report for a bug tracker says how things are, and not whose they are."""

from __future__ import annotations

import getpass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from jumpseat.accounts.register import AccountRecord
from jumpseat.accounts.vault import Vault
from jumpseat.cli.doctor import signins
from jumpseat.cli.doctor.bundle import Redaction, private_words, report
from jumpseat.cli.doctor.check import ok, wrong
from jumpseat.model.credentials import Credential, Secret
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


def test_a_name_is_found_beside_underscores_and_in_other_capitals() -> None:
    redact = Redaction([record("heiner", "Zo\u00eb \x1b[31mM\u00fcller")], Path("/state"))

    assert redact("Heiner HEINER box.heiner-home.lan heiner_work Zo\u00eb M\u00fcller heinerle") == (
        "account-1 account-1 box.account-1-home.lan account-1_work person-1 heinerle"
    )


@pytest.mark.parametrize("rest", ["", ", used", ", presumed to end in 3 hours (12:00), used"])
def test_whom_the_service_names_now_is_not_told(rest: str) -> None:
    redact = Redaction([], Path("/state"))

    assert redact(f"accepted as Ren\u00e9e, used car{rest}") == f"accepted as <person>{rest}"


async def test_that_is_how_the_check_of_an_account_says_it() -> None:
    kept = record("work")
    vault = SimpleNamespace(records=lambda: [kept])

    async def credential_of(_: AccountRecord) -> Credential:
        return Credential(token=Secret("t"))

    async def identify(_: object) -> str:
        return "Ren\u00e9e"

    checks = await signins.accounts(cast("Vault", vault), credential_of, identify, ())

    assert "Ren\u00e9e" in checks[0].text
    assert "Ren\u00e9e" not in report(checks, Settings(), Redaction([kept], Path("/state")))


def test_hosts_and_paths_of_somebodys_own_are_not_told() -> None:
    environ = {
        "HTTPS_PROXY": "http://me:pw@proxy.corp.example:3128",
        "JUMPSEAT_ALLOWED_HOSTS": "box.lan,nas.lan:8080",
        "JUMPSEAT_HOST": "192.168.7.8",
        "JUMPSEAT_API_KEY": CANARY,
    }
    settings = Settings(
        microsoft_url="https://copilot.corp.example",
        github_cookies=Path("/data/my cookies.json"),
        browser=Path("/opt/mine/chrome"),
        vault_key="file:/keys/of mine/k",
    )
    redact = Redaction([], Path("/state"), private_words(settings, environ))

    for said, told in (
        ("proxy.corp.example; box.lan, nas.lan:8080", "<proxy>; <host>, <host>"),
        ("192.168.7.8:1337, 10.1.2.3:80", "<host>:1337, <host>:80"),
        ("https://copilot.corp.example/c/api/user", "https://<host>/c/api/user"),
        ("https://acme.ghe.com, api.acme.ghe.com", "https://<tenant>.ghe.com, <tenant>.ghe.com"),
        ("my cookies.json, /data/my cookies.json", "<file>, <path>"),
        ("`/opt/mine/chrome`, /keys/of mine/k, (/etc/x.y)", "`<path>`, <path>, (<path>)"),
    ):
        assert redact(said) == told
    for everybodys in (
        "127.0.0.1:1337 http://127.0.0.1:1/c/api and 0.0.0.0",
        "jumpseat 0.1.0 and/or <state>/a",
        "https://copilot.microsoft.com and github.com",
    ):
        assert redact(everybodys) == everybodys


def test_where_nobody_knows_who_runs_it_a_report_is_written_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nobody)

    assert Redaction([], Path("/state"))("fine") == "fine"


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
