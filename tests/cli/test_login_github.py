"""`jumpseat login github`, as a program against the simulator."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from jumpseat.accounts.register import AccountRecord
from jumpseat.accounts.vault import Vault
from jumpseat.cli import app, login_github
from jumpseat.github.hosts import site_of
from jumpseat.model.credentials import Credential
from jumpseat.settings import Settings
from jumpseat.simulator import SimulatorThread
from tests.cli.programs import Piped, Terminal, run
from tests.waiting import until

CLIENT_ID = "Ov23liTestTestTest"
LOGIN = ("login", "github", "--client-id", CLIENT_ID, "--no-browser", "--plaintext")


@pytest.fixture
def env(env: dict[str, str], simulator: SimulatorThread, tmp_path: Path) -> Iterator[dict[str, str]]:
    """No display, and codes that may be polled for often."""
    simulator.device_times(interval=0.05, slower_by=0.05)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        env.pop(name, None)
    tools = tmp_path / "tools"
    tools.mkdir()
    yield env | {"PATH": f"{tools}:/usr/bin:/bin"}
    simulator.reset()


def kept(env: dict[str, str]) -> list[tuple[AccountRecord, Credential]]:
    """The accounts that are kept, with what opens them."""
    vault = Vault(Settings.from_environment(env))
    return [(record, vault.credential(record)) for record in vault.records()]


def person(record: AccountRecord) -> tuple[Any, ...]:
    return record.kind, record.name, record.way, record.person, record.keep


def gh(tmp_path: Path, script: str) -> None:
    """Let GitHub's own command line be this shell script."""
    path = tmp_path / "tools" / "gh"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_person_enters_the_code_and_is_signed_in(
    env: dict[str, str], simulator: SimulatorThread, tmp_path: Path
) -> None:
    with Terminal(env, *LOGIN) as terminal:
        terminal.expect(f"Open   {simulator.url}/login/device")
        terminal.expect("Enter  ")
        terminal.expect("Waiting for you there; Ctrl-C leaves. 15:00")
        code = terminal.text.partition("Enter  ")[2].split()[0]
        form = {"user_code": code, "name": "alice", "action": "approve"}
        with urlopen(f"{simulator.url}/login/device", urlencode(form).encode(), timeout=5) as page:  # noqa: S310
            assert b"all set" in page.read()
        terminal.expect("Signed in to GitHub's API as alice.")
        terminal.expect("web chat: `jumpseat login github-web --cookies FILE`")
        assert terminal.wait() == 0
        shown = terminal.raw

    ((record, credential),) = kept(env)
    assert person(record) == ("github", "default", "device", "alice", "plaintext")
    assert credential.token is not None
    assert credential.token.reveal() == "gho_sim-alice"
    assert (credential.client_id, record.is_used) == (CLIENT_ID, True)
    assert "gho_sim" not in shown
    assert simulator.violations() == []


def test_ctrl_c_leaves_cleanly_and_keeps_nothing(env: dict[str, str]) -> None:
    with Terminal(env, *LOGIN) as terminal:
        terminal.expect("Waiting for you there")
        terminal.press("\x03")
        assert terminal.wait() == 130
        assert terminal.raw.rstrip().endswith("\x1b[K")
        assert "Traceback" not in terminal.text

    assert kept(env) == []


def test_between_pipes_the_code_goes_to_the_errors(env: dict[str, str], simulator: SimulatorThread) -> None:
    with Piped(env, *LOGIN) as program:
        shown = program.stderr.readline() + program.stderr.readline() + program.stderr.readline()
        assert b"Open" in shown
        assert b"\x1b" not in shown
        until(lambda: simulator.stats()["counts"].get("github device-token"))
        simulator.device("approve")
        assert program.wait() == 0
        assert b"as octocat" in program.stdout.read()


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("device-code-404", 3, "knows no OAuth app with this client id"),
        ("device-code-disabled", 3, "Enable Device Flow"),
        ("device-code-bad-client", 3, "incorrect_client_credentials"),
        ("device-code-html", 1, "a web page"),
        ("device-code-500", 1, "githubstatus"),
        ("device-code-429", 4, "asked too often"),
        ("device-token-denied", 3, "was refused at 127.0.0.1"),
        ("device-token-expired", 3, "has ended"),
        ("device-token-bad-grant", 3, "--from-gh"),
        ("device-token-bad-code", 3, "incorrect_device_code"),
    ],
)
def test_each_end_is_one_sentence_with_the_next_step(
    env: dict[str, str], simulator: SimulatorThread, fault: str, code: int, said: str
) -> None:
    simulator.arm(f"github-{fault}")

    found, out, errors = run(env, *LOGIN)

    assert (found, out) == (code, "")
    assert errors.count("error: ") == 1
    assert said in errors
    assert kept(env) == []


def test_a_code_that_ends_ends_the_waiting(env: dict[str, str], simulator: SimulatorThread) -> None:
    simulator.device_times(expires_in=0.2)

    code, _, errors = run(env, *LOGIN)

    assert code == 3
    assert "was not approved" in errors


def test_trouble_amid_the_waiting_is_told_and_borne(env: dict[str, str], simulator: SimulatorThread) -> None:
    simulator.arm("github-device-token-500")
    with Terminal(env, *LOGIN) as terminal:
        terminal.expect("asked again:")
        terminal.expect("HTTP 500")
        simulator.device("approve")
        terminal.expect("Signed in")
        assert terminal.wait() == 0


def test_more_than_was_asked_for_is_told(env: dict[str, str], simulator: SimulatorThread) -> None:
    simulator.arm("github-device-token-wide")
    simulator.arm("github-device-token-wide")
    with Terminal(env, *LOGIN) as terminal:
        terminal.expect("Enter")
        simulator.device("approve")
        terminal.expect("granted more than was asked for (repo; asked: read:user)")
        assert terminal.wait() == 0


def test_without_a_client_id_it_says_how_to_get_one(env: dict[str, str], simulator: SimulatorThread) -> None:
    code, out, errors = run(env, "login", "github")

    assert (code, out) == (2, "")
    assert errors.startswith("error: jumpseat has no client id to sign in with")
    for said in (
        "  1. Open https://github.com/settings/developers",
        '  2. Tick "Enable Device Flow"',
        "  3. Copy its client id",
        "  4. For good: JUMPSEAT_GITHUB_CLIENT_ID=ID",
        "--from-gh",
        "--token-stdin",
        "JUMPSEAT_GITHUB_TOKEN",
    ):
        assert said in errors
    assert all(len(line) <= 110 for line in errors.splitlines() if str(env["HOME"]) not in line)
    assert not simulator.stats()["counts"].get("github device-code")

    _, _, errors = run(env, "login", "github", "--host", "octo.ghe.com")
    assert "https://octo.ghe.com/settings/developers" in errors


def test_a_client_id_can_come_from_the_environment_and_a_strangers_is_warned_of(
    env: dict[str, str], simulator: SimulatorThread
) -> None:
    simulator.arm("github-device-token-denied")

    code, _, errors = run(
        env | {"JUMPSEAT_GITHUB_CLIENT_ID": "Iv1.b507a08c87ecfe98"}, "login", "github", "--plaintext"
    )

    assert code == 3
    assert "warning: this client id belongs to GitHub's Copilot plug-in for editors, not to you" in errors


def test_a_tenant_is_played_by_the_stand_in(env: dict[str, str], simulator: SimulatorThread) -> None:
    simulator.arm("github-device-token-pending")
    with Terminal(env, *LOGIN, "--host", "octo.ghe.com", "--name", "work") as terminal:
        terminal.expect("Enter")
        simulator.device("approve", "carol")
        terminal.expect("as carol")
        assert terminal.wait() == 0

    ((record, credential),) = kept(env)
    assert (record.name, record.host, credential.host) == ("work", "octo.ghe.com", "octo.ghe.com")


def test_another_host_is_refused_before_anything_is_sent(
    env: dict[str, str], simulator: SimulatorThread
) -> None:
    code, _, errors = run(env, *LOGIN, "--host", "evil.example")

    assert code == 2
    assert "TENANT.ghe.com" in errors
    assert not simulator.stats()["counts"].get("github device-code")


# --- gh, and tokens handed over ---


def test_the_login_of_gh_is_taken_on_request(env: dict[str, str], tmp_path: Path) -> None:
    gh(tmp_path, f'echo "$@" > {tmp_path}/words; echo gho_sim-dora; echo chatter >&2')

    code, out, errors = run(env, "login", "github", "--from-gh", "--plaintext")

    assert code == 0, errors
    assert "as dora" in out
    assert "gho_sim" not in out + errors
    assert "chatter" not in out + errors
    assert (tmp_path / "words").read_text() == "auth token --hostname github.com\n"
    assert [person(record) for record, _ in kept(env)] == [("github", "default", "gh", "dora", "plaintext")]


async def test_gh_is_asked_for_the_login_of_the_tenant(
    env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gh(tmp_path, f'echo "$@" > {tmp_path}/words; echo gho_sim-dora')
    monkeypatch.setenv("PATH", env["PATH"])
    real = Settings(home=tmp_path)

    token = await login_github._of_gh(real, site_of(real, "octo.ghe.com"))

    assert token.reveal() == "gho_sim-dora"
    assert (tmp_path / "words").read_text() == "auth token --hostname octo.ghe.com\n"


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [(None, 1, "gh is not installed"), ("exit 4", 3, "gh auth login"), ("true", 3, "no token")],
)
def test_where_gh_gives_none_the_next_step_is_named(
    env: dict[str, str], tmp_path: Path, script: str | None, code: int, said: str
) -> None:
    if script is not None:
        gh(tmp_path, script)

    found, _, errors = run(env, "login", "github", "--from-gh", "--plaintext")

    assert found == code
    assert said in errors


def test_a_token_is_read_from_standard_input(env: dict[str, str]) -> None:
    code, out, errors = run(env, "login", "github", "--token-stdin", "--plaintext", given=b"gho_sim-erin\n")

    assert code == 0, errors
    assert "as erin" in out
    ((record, credential),) = kept(env)
    assert person(record) == ("github", "default", "token", "erin", "plaintext")
    assert credential.obtained_at is not None


@pytest.mark.parametrize(
    ("token", "said"), [("ghu_sim-bob", "user token of a GitHub App"), ("0123sim", "unknown to jumpseat")]
)
def test_a_token_of_another_kind_gets_an_honest_word(env: dict[str, str], token: str, said: str) -> None:
    words = ("login", "github", "--token-stdin", "--plaintext", "--no-check")

    code, _, errors = run(env, *words, given=token.encode())

    assert code == 0, errors
    assert f"note: this is {said}" in errors or said in errors
    assert token not in errors


def test_a_classic_token_is_refused_before_it_is_shown_to_anybody(
    env: dict[str, str], simulator: SimulatorThread
) -> None:
    words = ("login", "github", "--token-stdin", "--plaintext")

    code, out, errors = run(env, *words, given=b"ghp_sim-bob")

    assert (code, out) == (3, "")
    assert "never works for Copilot" in errors
    assert "ghp_sim-bob" not in errors
    assert not simulator.stats()["counts"].get("github api-user")
    assert kept(env) == []


def test_a_token_that_github_refuses_is_not_kept(env: dict[str, str], simulator: SimulatorThread) -> None:
    code, _, errors = run(env, "login", "github", "--token-stdin", "--plaintext", given=b"gho_somebody-elses")

    assert code == 3
    assert "nothing was kept" in errors
    assert kept(env) == []


def test_two_sources_at_once_are_refused(env: dict[str, str]) -> None:
    code, _, errors = run(env, "login", "github", "--token-stdin", "--from-gh")

    assert code == 2
    assert "exclude each other" in errors


def test_where_there_is_no_place_to_keep_it_nobody_is_asked_to_sign_in(
    env: dict[str, str], simulator: SimulatorThread
) -> None:
    code, _, errors = run(env, *LOGIN[:-1])

    assert code == 3
    assert "--plaintext" in errors
    assert not simulator.stats()["counts"].get("github device-code")


def test_a_token_in_the_environment_counts_more_and_that_is_told(env: dict[str, str]) -> None:
    words = ("login", "github", "--token-stdin", "--plaintext")

    _, _, errors = run(env | {"JUMPSEAT_GITHUB_TOKEN": "gho_sim-other"}, *words, given=b"gho_sim-erin")

    assert "JUMPSEAT_GITHUB_TOKEN is set, and counts more" in errors


# --- The browser ---


def test_a_browser_is_opened_where_a_display_is(
    env: dict[str, str], simulator: SimulatorThread, tmp_path: Path
) -> None:
    browser = tmp_path / "tools" / "browser"
    browser.write_text(f'#!/bin/sh\nenv > {tmp_path}/environment\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    words = [word for word in LOGIN if word != "--no-browser"]
    secrets = {"JUMPSEAT_API_KEY": "canary-1", "JUMPSEAT_VAULT_KEY": "env:MY_KEY", "MY_KEY": "canary-2"}
    with Terminal(env | secrets | {"DISPLAY": ":99", "BROWSER": str(browser)}, *words) as terminal:
        terminal.expect("Enter")
        until(lambda: (tmp_path / "opened").exists() and (tmp_path / "opened").read_text())
        simulator.device("approve")
        assert terminal.wait() == 0

    assert (tmp_path / "opened").read_text() == f"{simulator.url}/login/device\n"
    assert "canary" not in (tmp_path / "environment").read_text()


def test_none_is_opened_for_who_wants_none(
    env: dict[str, str], simulator: SimulatorThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(login_github, "open_browser", lambda address, _withheld: opened.append(address))
    monkeypatch.setattr(login_github, "_present", lambda _: simulator.device("approve"))
    for name in ("JUMPSEAT_SIMULATOR", "JUMPSEAT_HOME"):
        monkeypatch.setenv(name, env[name])
    for words in ([*LOGIN], [word for word in LOGIN if word != "--no-browser"]):
        assert app.run(words) == 0

    assert opened == [f"{simulator.url}/login/device"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a display is always there")
def test_without_a_display_none_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda words, **_: opened.append(words))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    login_github.open_browser("http://127.0.0.1/")
    assert opened == []
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    login_github.open_browser("http://127.0.0.1/")
    until(lambda: opened)
    assert [words[-1] for words in opened] == ["http://127.0.0.1/"]
    assert "DISPLAY" not in os.environ
