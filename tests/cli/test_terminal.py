"""The program at a terminal: what a person sees, and what their keys do."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.cli import programs
from tests.cli.programs import Terminal


def test_a_chat_remembers_and_ends_with_ctrl_d(env: dict[str, str], tmp_path: Path) -> None:
    with Terminal(env, "chat") as terminal:
        terminal.expect("You talk with Copilot")
        terminal.expect(">")
        terminal.press("Hello, I am Heiner.\r")
        terminal.expect("Heiner.")
        terminal.expect(">")
        terminal.press("What is my name?\r")
        terminal.expect("my name?")
        terminal.expect("Heiner")
        terminal.expect(">")
        terminal.press("\x04")
        assert terminal.wait() == 0

    history = tmp_path / "state" / "chat-history"
    assert "What is my name?" in history.read_text()
    assert stat.S_IMODE(history.stat().st_mode) == 0o600


def test_ctrl_c_stops_the_answer_and_the_chat_goes_on(env: dict[str, str]) -> None:
    with Terminal(env, "chat") as terminal:
        terminal.expect(">")
        terminal.press("%%SLOW 20%% %%TOKENS 100000%%\r")
        terminal.expect("100000%%")
        terminal.expect("1 2 3 4 5")
        terminal.press("\x03")
        terminal.expect("(stopped)")
        terminal.expect(">")
        terminal.press("half a line\x03")
        terminal.expect("Ctrl-D or /quit leaves")
        terminal.expect(">")
        terminal.press("%%SAY still here%%\r")
        terminal.expect("still here%%")
        terminal.expect("still here")
        terminal.expect(">")
        terminal.press("/quit\r")
        assert terminal.wait() == 0


def test_markdown_is_drawn(env: dict[str, str]) -> None:
    with Terminal(env, "chat") as terminal:
        terminal.expect(">")
        terminal.press("%%SAY **bold** words%%\r")
        terminal.expect("words%%")
        terminal.expect("bold words")
        terminal.expect(">")
        terminal.press("/nonsense\r")
        terminal.expect("error: there is no command '/nonsense'")
        terminal.expect(">")
        terminal.press("\x04")
        assert terminal.wait() == 0
    assert "\x1b[1mbold" in terminal.raw


def test_ask_at_a_terminal_says_that_it_waits(env: dict[str, str]) -> None:
    with Terminal(env, "ask", "%%SAY here%%") as terminal:
        terminal.expect("waiting")
        terminal.expect("here")
        assert terminal.wait() == 0


def test_ctrl_c_ends_ask(env: dict[str, str]) -> None:
    with Terminal(env, "ask", "%%SLOW 20%% %%TOKENS 100000%%") as terminal:
        terminal.expect("waiting for the answer ...")
        terminal.expect("2 3 4")
        terminal.press("\x03")
        assert terminal.wait() == 130
    assert "Traceback" not in terminal.text


def test_delete_asks_first(env: dict[str, str]) -> None:
    programs.run(env, "ask", "-C", "mine", "Remember the milk.")

    with Terminal(env, "conversations", "delete", "mine") as terminal:
        terminal.expect("Delete “Remember the milk.”? [y/N] ")
        terminal.press("\r")
        terminal.expect("Not deleted")
        assert terminal.wait() == 1
    with Terminal(env, "conversations", "delete", "mine") as terminal:
        terminal.expect("[y/N] ")
        terminal.press("y\r")
        terminal.expect("Deleted")
        assert terminal.wait() == 0

    assert programs.run(env, "conversations", "list")[1] == ""


def test_tables_are_for_people(env: dict[str, str]) -> None:
    with Terminal(env, "models") as terminal:
        terminal.expect("Aliases")
        terminal.expect("microsoft/copilot")
        assert terminal.wait() == 0


def test_the_demo_goes_on_as_a_chat(tmp_path: Path) -> None:
    with Terminal(programs.environment(tmp_path), "demo") as terminal:
        terminal.expect("POST http://127.0.0.1:")
        terminal.expect("POST http://127.0.0.1:")
        terminal.expect("✓ The second answer remembers the first: it knows Heiner.")
        terminal.expect(">")
        terminal.press("What is my name?\r")
        terminal.expect("my name?")
        terminal.expect("Heiner")
        terminal.expect(">")
        terminal.press("\x04")
        assert terminal.wait() == 0
