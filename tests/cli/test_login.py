"""`jumpseat login`: from nothing to a first answer."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from jumpseat.simulator import SimulatorThread
from tests.cli.programs import Terminal, environment, run
from tests.cli.signing_in import at_simulator, github_har, microsoft_har, write

GATEWAY_WORDS = ("sim-alice", "canary")


def test_a_token_on_standard_input_is_kept_under_the_persons_name(
    simulator: SimulatorThread, tmp_path: Path
) -> None:
    env = at_simulator(simulator, tmp_path)

    code, said, _ = run(env, "login", "microsoft", "--token-stdin", given=b"sim-alice\n")

    assert code == 0
    assert said.startswith(
        "Signed in to Microsoft Copilot as Alice.\n  account   default (used from now on)\n"
    )
    assert "  kept in   an encrypted file\n" in said
    assert run(env, "ask", "Hello!")[0] == 0


def test_a_recording_says_what_it_found_and_shows_no_value(
    simulator: SimulatorThread, tmp_path: Path
) -> None:
    path = write(tmp_path / "copilot.har", microsoft_har(minutes_ago=12, cookies=True))

    code, said, complained = run(at_simulator(simulator, tmp_path), "login", "microsoft", "--har", str(path))

    assert code == 0, complained
    assert "chat      copilot.microsoft.com\n" in said
    assert "token     12 minutes old; presumed to end in 47 minutes" in said
    assert "cookies   2\n" in said
    assert not any(word in said + complained for word in GATEWAY_WORDS)
    assert path.exists()
    assert "copilot.har still holds this sign-in, for whoever gets the file: delete it." in complained
    assert "not found" not in complained
    assert complained.endswith('\nTry it: jumpseat ask "Hello!"\n')


def test_a_sanitized_recording_signs_in_and_says_what_it_lacks(
    simulator: SimulatorThread, tmp_path: Path
) -> None:
    path = write(tmp_path / "copilot.har", microsoft_har())

    code, said, complained = run(at_simulator(simulator, tmp_path), "login", "microsoft", "--har", str(path))

    assert code == 0, complained
    assert "Signed in to Microsoft Copilot as Alice." in said
    assert complained.count("cookies") == 1, "what it lacks is said once"
    assert "A sanitized HAR still holds the chat token: do not share it" in complained


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_recording_comes_through_a_pipe_too(
    simulator: SimulatorThread, tmp_path: Path, packed: bool
) -> None:
    data = json.dumps(microsoft_har()).encode()
    env = at_simulator(simulator, tmp_path)

    code, said, complained = run(
        env, "login", "microsoft", "--har", "-", given=gzip.compress(data) if packed else data
    )

    assert code == 0, complained
    assert "as Alice" in said
    assert "still holds this sign-in" not in complained


def test_an_old_recording_is_tried_all_the_same(simulator: SimulatorThread, tmp_path: Path) -> None:
    path = write(tmp_path / "copilot.har", microsoft_har(minutes_ago=180))

    code, said, complained = run(at_simulator(simulator, tmp_path), "login", "microsoft", "--har", str(path))

    assert code == 0, complained
    assert "3 hours old; presumed to have ended 2 hours ago" in said


def test_delete_forgets_the_file_and_only_after_it_was_good(
    simulator: SimulatorThread, tmp_path: Path
) -> None:
    env = at_simulator(simulator, tmp_path)
    good = write(tmp_path / "good.har", microsoft_har())
    refused = write(tmp_path / "refused.har", microsoft_har("expired"))

    assert run(env, "login", "microsoft", "--har", str(refused), "--delete")[0] == 3
    code, _, complained = run(env, "login", "microsoft", "--har", str(good), "--delete")

    assert (code, good.exists(), refused.exists()) == (0, False, True)
    assert "Deleted: good.har" in complained


def test_a_sign_in_that_the_service_refuses_is_not_kept(simulator: SimulatorThread, tmp_path: Path) -> None:
    env = at_simulator(simulator, tmp_path)
    run(env, "login", "microsoft", "--token-stdin", given=b"sim-alice")

    code, _, complained = run(env, "login", "microsoft", "--token-stdin", given=b"expired")

    assert code == 3
    assert complained.startswith("error: nothing was kept, for the service refuses this sign-in: ")
    assert json.loads(run(env, "accounts", "--json")[1])[0]["whose"] == "Alice"


def test_a_service_that_cannot_be_asked_is_no_reason_to_drop_a_sign_in(tmp_path: Path) -> None:
    env = environment(tmp_path, JUMPSEAT_SIMULATOR="http://127.0.0.1:9", JUMPSEAT_VAULT_KEY="env:K", K="key")

    code, said, complained = run(env, "login", "microsoft", "--token-stdin", given=b"sim-alice")

    assert code == 0
    assert "Signed in to Microsoft Copilot.\n" in said
    assert "note: whether it works could not be checked: " in complained


def test_no_check_asks_nobody(tmp_path: Path) -> None:
    env = environment(tmp_path, JUMPSEAT_SIMULATOR="http://127.0.0.1:9", JUMPSEAT_VAULT_KEY="env:K", K="key")

    code, said, complained = run(env, "login", "microsoft", "--token-stdin", "--no-check", given=b"sim-alice")

    assert (code, "could not be checked" in complained) == (0, False)
    assert said.startswith("Kept for Microsoft Copilot, without asking whether it is accepted.\n")
    assert "token     of unknown age; it lives about an hour\n" in said


def test_another_persons_sign_in_does_not_take_the_place_of_mine(
    simulator: SimulatorThread, tmp_path: Path
) -> None:
    env = at_simulator(simulator, tmp_path)
    run(env, "login", "microsoft", "--token-stdin", given=b"sim-alice")

    again, _, _ = run(env, "login", "microsoft", "--token-stdin", given=b"sim-alice.2")
    refused, _, complained = run(env, "login", "microsoft", "--token-stdin", given=b"sim-bob")
    named, _, noted = run(env, "login", "microsoft", "--token-stdin", "--name", "bob", given=b"sim-bob")

    assert (again, refused, named) == (0, 2, 0)
    assert "the account default is Alice's, and this sign-in is Bob's" in complained
    assert "--name bob" in complained
    assert noted == "note: default is used as before. `jumpseat accounts use bob` changes that.\n"


@pytest.mark.parametrize("source", [(), ("--token-stdin",), ("--har", "nowhere.har")])
def test_what_is_no_name_is_refused_before_anybody_takes_the_trouble(
    tmp_path: Path, source: tuple[str, ...]
) -> None:
    env = environment(tmp_path, JUMPSEAT_SIMULATOR="http://127.0.0.1:9", JUMPSEAT_VAULT_KEY="env:K", K="key")

    code, _, complained = run(env, "login", "microsoft", *source, "--name", "a b", given=b"sim-alice")

    assert code == 2
    assert complained.startswith("error: that is no name for an account")


def test_cookies_alone_are_said_to_be_no_sign_in_for_sure(simulator: SimulatorThread, tmp_path: Path) -> None:
    path = write(tmp_path / "c.json", [{"name": "MUID", "value": "canary", "domain": ".microsoft.com"}])

    code, said, _ = run(at_simulator(simulator, tmp_path), "login", "microsoft", "--cookies", str(path))

    assert code == 0
    assert "token     none: with cookies alone, Copilot may answer as if nobody were signed in\n" in said


@pytest.mark.parametrize("given", [b"", b"two words", "tøken".encode(), b"x" * 20_000])
def test_what_is_no_token_is_refused_and_not_repeated(
    simulator: SimulatorThread, tmp_path: Path, given: bytes
) -> None:
    code, _, complained = run(
        at_simulator(simulator, tmp_path), "login", "microsoft", "--token-stdin", given=given
    )

    assert code == 2
    assert complained.startswith("error: that is no token")
    assert len(complained) < 200


def test_cookies_of_github_ask_its_web_chat(simulator: SimulatorThread, tmp_path: Path) -> None:
    env = at_simulator(simulator, tmp_path)
    exported = [{"name": "user_session", "value": "canary", "domain": "github.com"}]
    path = write(tmp_path / "cookies.json", exported)

    code, said, complained = run(env, "login", "github-web", "--cookies", str(path))

    assert code == 0, complained
    assert "Signed in to GitHub's web chat.\n" in said
    assert "canary" not in said + complained
    assert run(env, "ask", "-p", "github", "Hello!")[0] == 0


def test_a_recording_of_github_does_too(simulator: SimulatorThread, tmp_path: Path) -> None:
    env = at_simulator(simulator, tmp_path)
    path = write(tmp_path / "github.har", github_har())

    assert run(env, "login", "github-web", "--har", str(path))[0] == 0


def test_a_recording_of_the_other_service_names_the_right_command(
    simulator: SimulatorThread, tmp_path: Path
) -> None:
    path = write(tmp_path / "github.har", github_har())

    code, _, complained = run(at_simulator(simulator, tmp_path), "login", "microsoft", "--har", str(path))

    assert code == 3
    assert "jumpseat login github-web --har" in complained


def test_sources_exclude_each_other(simulator: SimulatorThread, tmp_path: Path) -> None:
    env = at_simulator(simulator, tmp_path)

    code, _, complained = run(env, "login", "microsoft", "--har", "a", "--cookies", "b")

    assert code == 2
    assert "exclude each other" in complained


def test_github_web_without_a_source_says_which_there_are(simulator: SimulatorThread, tmp_path: Path) -> None:
    code, _, complained = run(at_simulator(simulator, tmp_path), "login", "github-web")

    assert code == 2
    assert "--cookies FILE" in complained


def test_without_a_safe_place_nothing_is_read_and_the_choices_are_named(
    simulator: SimulatorThread, tmp_path: Path
) -> None:
    env = environment(tmp_path, JUMPSEAT_SIMULATOR=simulator.url)

    code, _, complained = run(env, "login", "microsoft", "--token-stdin", given=b"sim-alice")
    plain, said, _ = run(env, "login", "microsoft", "--token-stdin", "--plaintext", given=b"sim-alice")

    assert code == 3
    assert all(word in complained for word in ("JUMPSEAT_VAULT_KEY", "--plaintext"))
    assert plain == 0
    assert "kept in   a plain file" in said


def test_a_newcomer_at_a_terminal_is_led_to_a_first_answer(
    simulator: SimulatorThread, tmp_path: Path
) -> None:
    env = environment(tmp_path, JUMPSEAT_SIMULATOR=simulator.url)
    path = write(tmp_path / "copilot.har", microsoft_har())

    with Terminal(env, "login", "microsoft", "--har", str(path)) as terminal:
        terminal.expect("Choose a passphrase")
        terminal.press("a long passphrase\r")
        terminal.expect("gain")
        terminal.press("a long passphrase\r")
        terminal.expect("Signed in to Microsoft Copilot as Alice.")
        terminal.expect("Delete copilot.har? [y/N]")
        terminal.press("y\r")
        terminal.expect("Deleted: copilot.har")
        assert terminal.wait() == 0
        assert "a long passphrase" not in terminal.text
    with Terminal(env, "ask", "Hello!") as terminal:
        terminal.expect("Passphrase of")
        terminal.press("a long passphrase\r")
        assert terminal.wait() == 0

    assert not path.exists()


def test_a_token_typed_at_a_terminal_is_not_shown(simulator: SimulatorThread, tmp_path: Path) -> None:
    with Terminal(at_simulator(simulator, tmp_path), "login", "microsoft", "--token-stdin") as terminal:
        terminal.expect("Token (it is not shown): ")
        terminal.press("sim-alice\r")
        terminal.expect("Signed in to Microsoft Copilot as Alice.")
        assert terminal.wait() == 0
        assert "sim-alice" not in terminal.text


def test_login_alone_shows_the_ways_there_are(tmp_path: Path) -> None:
    code, said, _ = run(environment(tmp_path), "login")

    assert code == 0
    assert all(way in said for way in ("microsoft", "github", "github-web"))


@pytest.mark.parametrize("columns", ["60", "80"])
def test_every_way_in_has_its_line_in_the_overview(columns: str, tmp_path: Path) -> None:
    _, said, _ = run(environment(tmp_path, COLUMNS=columns), "login")
    _, whole, _ = run(environment(tmp_path, COLUMNS=columns), "login", "github", "--help")

    assert all(f"{kind} " in said for kind in ("microsoft", "github", "github-web"))
    assert "a code that you enter there" in " ".join(said.replace("│", " ").split())
    assert "It needs the client id of an OAuth app of your own" in " ".join(whole.split())
