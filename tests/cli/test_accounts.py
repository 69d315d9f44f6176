"""`jumpseat accounts` and `jumpseat logout`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from jumpseat.simulator import SimulatorThread
from tests.cli.programs import Terminal, run
from tests.cli.signing_in import at_simulator, microsoft_har, write


@pytest.fixture
def env(simulator: SimulatorThread, tmp_path: Path) -> dict[str, str]:
    """Alice is signed in as `default`, Bob as `work`."""
    env = at_simulator(simulator, tmp_path)
    for words, token in (((), b"sim-alice"), (("--name", "work"), b"sim-bob")):
        assert run(env, "login", "microsoft", "--token-stdin", *words, given=token)[0] == 0
    return env


def test_the_list_names_everything_but_values(env: dict[str, str]) -> None:
    code, said, _ = run(env, "accounts")

    first, second = (line.split("\t") for line in said.splitlines())
    assert code == 0
    assert first[:5] == ["*", "microsoft", "default", "Alice", "encrypted file"]
    assert second[:5] == ["", "microsoft", "work", "Bob", "encrypted file"]
    assert "sim-" not in said


def test_the_list_is_a_table_at_a_terminal(env: dict[str, str]) -> None:
    with Terminal(env, "accounts") as terminal:
        assert terminal.wait() == 0
        assert "Kept in" in terminal.text


def test_a_narrow_terminal_still_shows_who_answers(env: dict[str, str]) -> None:
    with Terminal(env | {"COLUMNS": "40"}, "accounts") as terminal:
        assert terminal.wait() == 0
        assert re.search(r"\* +microsoft +default", terminal.text)
        assert "Kept in" not in terminal.text


def test_a_service_of_which_no_account_answers_is_named(env: dict[str, str]) -> None:
    run(env, "logout", "default")

    code, said, noted = run(env, "accounts")

    assert (code, said.split("\t")[:3]) == (0, ["", "microsoft", "work"])
    assert "note: no account of Microsoft Copilot is used. `jumpseat accounts use work` sets one." in noted


def test_programs_get_json(env: dict[str, str], tmp_path: Path) -> None:
    har = write(tmp_path / "a.har", microsoft_har("sim-carol", minutes_ago=1))
    run(env, "login", "microsoft", "--name", "carol", "--har", str(har))

    listed = {account["name"]: account for account in json.loads(run(env, "accounts", "--json")[1])}

    assert listed["default"]["used"]
    assert not listed["carol"]["used"]
    assert listed["carol"]["way"] == "har"
    assert 3500 < listed["carol"]["expires_at"] - listed["carol"]["obtained_at"] < 3700
    assert listed["carol"]["last_refusal"] is None


def test_the_one_that_answers_changes_only_when_somebody_says_so(env: dict[str, str]) -> None:
    question = ("ask", "Who am I?")
    before = run(env, *question)

    code, _, noted = run(env, "accounts", "use", "work")

    assert (before[0], code) == (0, 0)
    assert "Microsoft Copilot is asked as work from now on." in noted
    assert run(env, "accounts")[1].splitlines()[1].startswith("*\tmicrosoft\twork")
    assert run(env, *question)[0] == 0


def test_an_account_gets_another_name(env: dict[str, str]) -> None:
    assert run(env, "accounts", "rename", "work", "office")[0] == 0
    taken, _, complained = run(env, "accounts", "rename", "office", "default")

    assert "office" in run(env, "accounts")[1]
    assert taken == 2
    assert "default" in complained


def test_logout_forgets_one_and_the_other_does_not_take_its_place(env: dict[str, str]) -> None:
    ambiguous, _, which = run(env, "logout")
    code, _, noted = run(env, "logout", "default")
    asked, _, complained = run(env, "ask", "Hello!")

    assert (ambiguous, code, asked) == (2, 0, 3)
    assert "say which (default, work), or --all" in which
    assert "Forgotten: default (Microsoft Copilot)." in noted
    assert "`jumpseat accounts use work`" in noted
    assert "jumpseat accounts use work" in complained


def test_logout_all_forgets_everything_even_without_the_key(env: dict[str, str], tmp_path: Path) -> None:
    env = {name: value for name, value in env.items() if name != "JUMPSEAT_VAULT_KEY"}
    profile = tmp_path / "state" / "browser" / "microsoft"
    profile.mkdir(parents=True)

    assert run(env, "logout", "--all")[0] == 0
    assert run(env, "accounts")[1:] == ("", "Nobody is signed in. `jumpseat login microsoft` begins.\n")
    assert not profile.exists()


def test_remove_is_the_same_by_another_name(env: dict[str, str]) -> None:
    assert run(env, "accounts", "remove", "work")[0] == 0
    assert run(env, "accounts", "--json")[1].count('"name"') == 1


def test_an_account_that_is_not_there_is_said_to_be_so(env: dict[str, str]) -> None:
    for words in (("logout", "nobody"), ("accounts", "use", "nobody"), ("accounts", "rename", "nobody", "b")):
        code, _, complained = run(env, *words)
        assert code == 2, words
        assert "nobody" in complained


def test_a_setting_that_answers_first_is_named(env: dict[str, str]) -> None:
    _, _, noted = run(env | {"JUMPSEAT_MICROSOFT_TOKEN": "sim-canary"}, "accounts")

    assert noted == "note: JUMPSEAT_MICROSOFT_TOKEN is set, and answers before any account here.\n"


def test_the_last_refusal_is_listed_until_one_signs_in_again(
    env: dict[str, str], simulator: SimulatorThread
) -> None:
    run(env, "login", "microsoft", "--token-stdin", "--no-check", given=b"expired")
    assert run(env, "ask", "Hello!")[0] == 3

    refused = json.loads(run(env, "accounts", "--json")[1])[0]["last_refusal"]
    run(env, "login", "microsoft", "--token-stdin", given=b"sim-alice")

    assert refused["code"] in {"missing_auth", "not_signed_in"}
    assert json.loads(run(env, "accounts", "--json")[1])[0]["last_refusal"] is None


def test_accounts_of_the_simulator_are_not_those_of_the_real_services(env: dict[str, str]) -> None:
    real = {name: value for name, value in env.items() if name not in {"JUMPSEAT_SIMULATOR", "JUMPSEAT_PACE"}}

    assert "Nobody is signed in." in run(real, "accounts")[2]


def test_a_profile_that_cannot_be_removed_is_named(env: dict[str, str], tmp_path: Path) -> None:
    profile = tmp_path / "state" / "browser" / "microsoft"
    profile.parent.mkdir(parents=True)
    profile.write_text("a file in its place")

    code, _, noted = run(env, "logout", "--all")

    assert code == 0
    assert f"note: the browser profile {profile} could not be removed" in noted.replace("\n", " ")
