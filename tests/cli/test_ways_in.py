"""Ways in that the other pages leave out, each by the program itself, from the file to the answer."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jumpseat.simulator import SimulatorThread
from tests.cli.programs import Terminal, environment, run
from tests.cli.signing_in import at_simulator, github_har, har, microsoft_har, write
from tests.recordings import hars

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def env(simulator: SimulatorThread, tmp_path: Path) -> dict[str, str]:
    simulator.reset()
    return at_simulator(simulator, tmp_path)


# What is in the file.


@pytest.mark.parametrize(
    ("tenant", "ends"), [(hars.PERSONAL_TENANT, "in 7 hours"), (hars.WORK_TENANT, "in 57 minutes")]
)
def test_a_recording_of_the_newer_chat_is_kept_and_its_limits_are_told(
    env: dict[str, str],
    simulator: SimulatorThread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tenant: str,
    ends: str,
) -> None:
    monkeypatch.setattr(hars, "BEGAN", datetime.now(UTC) - timedelta(minutes=20))
    path = tmp_path / "newer.har"
    path.write_bytes(hars.chrome(hars.chathub_chat(tenant)))

    code, said, complained = run(env, "login", "microsoft", "--har", str(path))
    asked, _, refused = run(env, "ask", "Hello!")

    assert code == 0, complained
    assert "chat      copilot.com, the newer one, which this version does not speak yet" in said
    assert f"token     17 minutes old; presumed to end {ends}" in said
    assert "could not be checked" in complained
    assert "Try it" not in complained
    assert asked == 3
    assert "newer chat" in refused
    assert "refuses" not in complained + refused
    assert simulator.log() == []
    assert not any(secret in said + complained + refused for secret in hars.SECRETS)


def test_the_limit_that_is_set_holds_and_is_named(env: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "long.har"
    path.write_text(json.dumps(microsoft_har()) + " " * 1_100_000)

    code, _, complained = run(env | {"JUMPSEAT_HAR_LIMIT": "1"}, "login", "microsoft", "--har", str(path))

    assert code == 3
    assert "JUMPSEAT_HAR_LIMIT" in complained
    assert run(env, "login", "microsoft", "--har", str(path))[0] == 0


def test_nobody_in_the_recording_is_refused_unless_nobody_will_do(
    env: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "nobody.har"
    path.write_bytes(hars.firefox(hars.anonymous_chat()))

    refused, _, complained = run(env, "login", "microsoft", "--har", str(path))
    code, _, noted = run(env, "login", "microsoft", "--har", str(path), "--anonymous")

    assert (refused, code) == (3, 0)
    assert "nobody is signed in in this recording" in complained
    assert "jumpseat login microsoft --har FILE --anonymous" in complained
    assert "It is taken without an account" in noted


def test_answers_of_the_sign_in_service_are_looked_into_with_consent_alone(
    env: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "granted.har"
    path.write_bytes(
        hars.firefox([*hars.classic_chat()[:-1], hars.grant("sim-granted", "x/ChatAI.ReadWrite")])
    )

    refused, _, complained = run(env, "login", "microsoft", "--har", str(path))
    code, said, _ = run(env, "login", "microsoft", "--har", str(path), "--token-responses")

    assert (refused, code) == (3, 0)
    assert "no chat socket and no token" in complained
    assert "as Granted" in said


def test_what_else_is_wrong_with_a_refused_recording_is_told_with_it(
    env: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "bare.har"
    path.write_bytes(hars.chrome(hars.classic_chat()[:-1], sanitized=True))

    code, said, complained = run(env, "login", "microsoft", "--har", str(path))

    assert (code, said) == (3, "")
    assert "error: the recording is sanitized" in complained
    assert "note: the recording holds pages of Copilot, but no chat socket" in complained
    assert path.exists()


# At a terminal.


@pytest.mark.parametrize("way", ["--cookies", "--har"])
def test_the_cookies_of_github_from_the_file_to_the_first_answer(
    env: dict[str, str], tmp_path: Path, way: str
) -> None:
    exported = [{"name": "user_session", "value": "canary", "domain": "github.com"}]
    path = write(tmp_path / "github.json", exported if way == "--cookies" else github_har("canary"))

    with Terminal(env, "login", "github-web", way, str(path)) as terminal:
        terminal.expect("Signed in to GitHub's web chat.")
        terminal.expect("default (used from now on)")
        terminal.expect("Delete github.json? [y/N]")
        terminal.press("n\r")
        assert terminal.wait() == 0
        assert "canary" not in terminal.text
    with Terminal(env, "ask", "-p", "github", "%%SAY hello there%%") as terminal:
        terminal.expect("hello there")
        assert terminal.wait() == 0

    assert path.exists(), "a person who says no keeps the file"


@pytest.mark.parametrize("key", ["\r", "\x04"])
def test_a_recording_goes_only_with_a_yes(env: dict[str, str], tmp_path: Path, key: str) -> None:
    path = write(tmp_path / "copilot.har", microsoft_har())

    with Terminal(env, "login", "microsoft", "--har", str(path)) as terminal:
        terminal.expect("copilot.har still holds this sign-in, for whoever gets the file.")
        terminal.expect("[y/N]")
        terminal.press(key)
        assert terminal.wait() == 0

    assert path.exists()


def test_accounts_are_listed_switched_renamed_and_forgotten(env: dict[str, str], tmp_path: Path) -> None:
    path = write(tmp_path / "copilot.har", microsoft_har(minutes_ago=30))
    run(env, "login", "microsoft", "--har", str(path))
    run(env, "login", "microsoft", "--token-stdin", "--name", "work", "--no-check", given=b"expired")

    for words, said in (
        (("accounts", "use", "work"), "Microsoft Copilot is asked as work from now on."),
        (("ask", "Hello!"), "`jumpseat login microsoft`"),
        (("accounts", "rename", "work", "office"), "office"),
        (("accounts",), "office"),
        (("accounts", "remove", "office"), "Forgotten: office (Microsoft Copilot)."),
        (("accounts", "use", "default"), "is asked as default"),
        (("logout",), "Forgotten: default"),
    ):
        with Terminal(env, *words) as terminal:
            terminal.expect(said)
            assert terminal.wait() == (3 if words[0] == "ask" else 0)
        if words[0] == "ask":
            mine, works = (line.split("\t") for line in run(env, "accounts")[1].splitlines())
            assert re.match(r"\d+ (second|minute)", mine[5]), "its age"
            assert re.match(r"in [23]\d minutes", mine[6]), "its end"
            assert "missing_auth" in works[7], "the last refusal"
            assert "ago" in works[7]


# The keyring.


def test_the_keyring_keeps_what_a_login_brings(simulator: SimulatorThread, tmp_path: Path) -> None:
    entries = tmp_path / "keyring"
    env = environment(
        tmp_path,
        JUMPSEAT_SIMULATOR=simulator.url,
        PYTHONPATH=str(ROOT),
        PYTHON_KEYRING_BACKEND="tests.accounts.keyrings.UsualKeyring",
        TESTS_KEYRING=str(entries),
    )

    code, said, complained = run(env, "login", "microsoft", "--token-stdin", given=b"sim-alice")
    asked = run(env, "ask", "%%SAY fine%%")
    checks = {check["name"]: check for check in json.loads(run(env, "doctor", "--json")[1])}

    assert code == 0, complained
    assert "kept in   the system keyring" in said
    assert asked == (0, "fine\n", "")
    assert {"extras", "proxies", "github chat"} <= checks.keys()
    assert checks["vault"]["text"] == "sign-ins are kept in the system keyring"
    assert any("sim-alice" in path.read_text() for path in entries.iterdir())
    for path in (tmp_path / "state").rglob("*"):
        assert not path.is_file() or b"sim-alice" not in path.read_bytes(), path

    assert run(env, "logout")[0] == 0
    assert not any("sim-alice" in path.read_text() for path in entries.iterdir())


def test_a_clock_that_is_two_days_wrong_keeps_nobody_out(env: dict[str, str], tmp_path: Path) -> None:
    """A recording of somebody whose clock is two days ahead, or behind, signs in all the same."""
    for days in (2, -2):
        at = (datetime.now(UTC) + timedelta(days=days)).isoformat()
        url = "wss://copilot.microsoft.com/c/api/chat?api-version=2&accessToken=sim-alice"
        path = write(tmp_path / "clock.har", har(at, url))

        code, said, complained = run(env, "login", "microsoft", "--har", str(path))

        assert code == 0, complained
        assert ("presumed to end in 59 minutes" if days > 0 else "2 days old") in said
        assert run(env, "ask", "%%SAY fine%%")[:2] == (0, "fine\n")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "no display"),
        ({"DISPLAY": ":99", "JUMPSEAT_BROWSER": "/nowhere/chromium"}, "/nowhere/chromium"),
    ],
)
def test_where_no_window_can_be_opened_the_way_round_it_is_told(
    env: dict[str, str], more: dict[str, str], said: str
) -> None:
    code, out, complained = run(env | more, "login", "microsoft")

    assert (code, out) == (3, "")
    assert said in complained
    assert "`jumpseat login microsoft --har FILE`" in complained
    assert complained.count("\n") == 1


def test_the_doctor_asks_about_every_kind_of_account(env: dict[str, str]) -> None:
    run(env, "login", "github", "--token-stdin", given=b"gho_sim-dora")
    run(env, "login", "github-web", "--token-stdin", given=b"simulator-web-token")
    run(env, "login", "microsoft", "--token-stdin", "--no-check", given=b"expired")

    code, said, _ = run(env, "doctor", "--json")

    checks = {check["name"]: check for check in json.loads(said)}
    assert code == 1
    assert checks["github default"]["text"].startswith("accepted as dora")
    assert checks["github-web default"]["text"].startswith("accepted")
    assert checks["microsoft default"]["text"].startswith("not accepted")
    assert checks["microsoft default"]["advice"] == "jumpseat login microsoft --name default"


def test_the_newer_chat_does_not_take_the_place_of_one_that_answers(
    env: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "newer.har"
    path.write_bytes(hars.chrome(hars.chathub_chat()))
    run(env, "login", "microsoft", "--token-stdin", given=b"sim-alice")

    refused, _, complained = run(env, "login", "microsoft", "--har", str(path))
    beside, _, _ = run(env, "login", "microsoft", "--har", str(path), "--name", "newer")

    assert (refused, beside) == (2, 0)
    assert "Keep it beside that one: --name newer" in complained
    assert run(env, "ask", "Hello!")[0] == 0


def test_at_a_failure_there_is_one_command_and_what_stands_in_its_way(env: dict[str, str]) -> None:
    run(env, "login", "microsoft", "--token-stdin", "--no-check", given=b"expired")

    _, _, kept = run(env, "ask", "Hello!")
    _, _, setting = run(env | {"JUMPSEAT_MICROSOFT_TOKEN": "expired"}, "ask", "Hello!")

    assert kept.endswith("Sign in again: `jumpseat login microsoft`.\n")
    assert "JUMPSEAT" not in kept
    assert setting.endswith(
        "Sign in again: `jumpseat login microsoft`. "
        "JUMPSEAT_MICROSOFT_TOKEN would still be asked with first: unset that.\n"
    )
