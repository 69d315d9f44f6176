"""The passphrase: asked for once, unseen, by whoever sits there, and nowhere else."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from jumpseat.accounts.vault import Vault
from jumpseat.cli.passphrase import Passphrase, is_somebody_there
from jumpseat.model.credentials import Credential, Secret
from jumpseat.settings import Settings
from tests.cli import programs
from tests.cli.programs import Terminal

WORDS = "open sesame"
ASKED = "Passphrase of your sign-ins"


@pytest.fixture
def locked(env: dict[str, str]) -> dict[str, str]:
    """The environment of a program whose account is kept in the encrypted file."""
    vault = Vault(
        Settings.from_environment(env | {"JUMPSEAT_VAULT": "encrypted"}), ask=lambda _is_new: Secret(WORDS)
    )
    credential = Credential(token=Secret("sim-alice"), expires_at=time.time() + 290)
    vault.save("microsoft", "alice", credential, way="token")
    return env


def test_a_question_waits_for_the_passphrase_and_says_what_ends(locked: dict[str, str]) -> None:
    with Terminal(locked, "ask", "%%SAY here I am%%") as terminal:
        terminal.expect(ASKED)
        terminal.press(f"{WORDS}\r")
        terminal.expect("note: the sign-in to Microsoft Copilot (alice) will presumably end in 5 minutes")
        terminal.expect("`jumpseat login microsoft`.")
        terminal.expect("here I am")
        assert terminal.wait() == 0
        assert WORDS not in terminal.text


def test_a_wrong_passphrase_sends_nothing(locked: dict[str, str]) -> None:
    with Terminal(locked, "ask", "%%SAY here I am%%") as terminal:
        terminal.expect(ASKED)
        terminal.press("open barley\r")
        terminal.expect("error: the passphrase is not the one of")
        assert terminal.wait() == 3


@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 3), ("\r", 3)])
def test_whoever_does_not_want_to_say_it_is_not_kept(locked: dict[str, str], key: str, code: int) -> None:
    with Terminal(locked, "ask", "Hello") as terminal:
        terminal.expect(ASKED)
        terminal.press(key)
        assert terminal.wait() == code


def test_a_chat_asks_before_it_begins_and_then_no_more(locked: dict[str, str]) -> None:
    with Terminal(locked, "chat") as terminal:
        terminal.expect(ASKED)
        terminal.press(f"{WORDS}\r")
        terminal.expect("You talk with Copilot")
        for text in ("one", "two"):
            terminal.expect(">")
            terminal.press(f"%%SAY number {text}%%\r")
            terminal.expect(f"{text}%%")
            terminal.expect(f"number {text}")
        terminal.expect(">")
        terminal.press("\x04")
        assert terminal.wait() == 0
        assert terminal.text.count(ASKED) == 1
        assert terminal.text.count("will presumably end") == 1


def test_a_gateway_at_a_terminal_asks_before_it_listens(locked: dict[str, str]) -> None:
    with Terminal(locked, "serve", "--port", "0") as terminal:
        terminal.expect(ASKED)
        terminal.press(f"{WORDS}\r")
        terminal.expect("The gateway listens on")
        terminal.expect("Ctrl-C stops it.")
        terminal.press("\x03")
        assert terminal.wait() == 0


def test_a_gateway_that_hears_the_wrong_one_does_not_begin(locked: dict[str, str]) -> None:
    with Terminal(locked, "serve", "--port", "0") as terminal:
        terminal.expect(ASKED)
        terminal.press("open barley\r")
        assert terminal.wait() == 3


def test_the_doctor_asks_too(locked: dict[str, str]) -> None:
    with Terminal(locked, "doctor") as terminal:
        terminal.expect(ASKED)
        terminal.press(f"{WORDS}\r")
        terminal.expect("microsoft alice")
        terminal.expect("accepted as Alice")
        terminal.wait()
        assert terminal.text.count(ASKED) == 1


def test_between_pipes_nobody_is_asked_and_the_way_out_is_told(locked: dict[str, str]) -> None:
    code, out, err = programs.run(locked, "ask", "Hello")

    assert (code, out) == (3, "")
    assert "JUMPSEAT_VAULT_KEY=file:PATH" in err
    assert err.count("\n") == 1


def test_what_ends_is_told_between_pipes_too(env: dict[str, str]) -> None:
    credential = Credential(token=Secret("sim-alice"), expires_at=time.time() - 60)
    Vault(Settings.from_environment(env)).save("microsoft", "me", credential, way="har", plaintext=True)

    code, out, err = programs.run(env, "ask", "%%SAY here I am%%")

    assert (code, out) == (0, "here I am\n")
    assert "note: the sign-in to Microsoft Copilot (me) has presumably ended" in err
    assert "sim-alice" not in err


# The asking itself.


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the person types, one after the other; the end of it is the end of their patience."""
    lines: list[str] = []

    def getpass(prompt: str) -> str:
        if not lines:
            raise EOFError
        return lines.pop(0)

    monkeypatch.setattr("getpass.getpass", getpass)
    return lines


def test_it_is_asked_for_once(typed: list[str]) -> None:
    typed += ["one", "two"]
    person = Passphrase()

    assert (person(False), person(False)) == (Secret("one"), Secret("one"))
    assert typed == ["two"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["a", "a"], "a"),
        (["a", "b", "c", "c"], "c"),
        (["a", "b"] * 3, None),
        ([""], None),
        ([], None),
        (["a"], None),
    ],
)
def test_a_new_one_is_typed_twice(typed: list[str], lines: Sequence[str], said: str | None) -> None:
    typed += lines

    assert Passphrase()(True) == (None if said is None else Secret(said))


def test_another_thread_is_not_where_a_person_is_asked(typed: list[str]) -> None:
    typed.append("one")
    person, heard = Passphrase(), []
    asking = threading.Thread(target=lambda: heard.append(person(False)))
    asking.start()
    asking.join()
    assert (heard, person.is_wanted) == ([None], True)

    assert person.ask()

    asking = threading.Thread(target=lambda: heard.append(person(False)))
    asking.start()
    asking.join()
    assert heard == [None, Secret("one")]
    assert not person.is_wanted


def test_where_typing_could_be_seen_nothing_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    import getpass
    import warnings

    def exposed(prompt: str) -> str:
        warnings.warn("can not control echo", getpass.GetPassWarning, stacklevel=1)
        return "seen by all"

    monkeypatch.setattr(getpass, "getpass", exposed)

    assert Passphrase()(False) is None


class Screen:
    """Something that says it is a terminal."""

    def __init__(self, number: int) -> None:
        self._number = number

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number


def test_a_job_in_the_background_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Screen(2))
    groups: dict[str, Any] = {"tcgetpgrp": lambda _number: 17, "getpgrp": lambda: 17}
    for name, answer in groups.items():
        monkeypatch.setattr(os, name, answer)
    assert is_somebody_there()

    monkeypatch.setattr(os, "tcgetpgrp", lambda _number: 18)
    assert not is_somebody_there()

    def no_terminal(_number: int) -> int:
        raise OSError

    monkeypatch.setattr(os, "tcgetpgrp", no_terminal)
    assert not is_somebody_there()


def test_a_stream_that_is_no_terminal_is_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as file:
        monkeypatch.setattr(sys, "stderr", file)
        assert not is_somebody_there()
