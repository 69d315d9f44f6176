"""`jumpseat login microsoft` at a terminal, with a real Chromium: announced, counted down, and gone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jumpseat.cli.login_browser import profile_of
from jumpseat.simulator import SimulatorThread
from tests.browser.processes import using
from tests.cli.programs import Terminal, run
from tests.cli.signing_in import at_simulator
from tests.waiting import until

HEADLESS = (sys.executable, "-m", "tests.browser.headless")


@pytest.fixture(params=["playwright", "nodriver"])
def env(
    request: pytest.FixtureRequest, chromium: Path, simulator: SimulatorThread, profile: Path
) -> dict[str, str]:
    """The environment of a program that keeps its browser's profile where `profile` looks for it."""
    home = profile.parent.parent
    return at_simulator(
        simulator,
        home.parent,
        JUMPSEAT_HOME=str(home),
        JUMPSEAT_BROWSER=str(chromium),
        JUMPSEAT_BROWSER_DRIVER=request.param,
    )


def test_from_the_window_to_the_first_answer(env: dict[str, str], profile: Path) -> None:
    env |= {"WISH": "do=msal-encrypted&name=alice&message=Hello"}
    with Terminal(env, "login", "microsoft", program=HEADLESS) as terminal:
        terminal.expect("A browser window opens at http://127.0.0.1:")
        terminal.expect("Sign in there by hand")
        terminal.expect(str(profile.name))
        terminal.expect("waiting for your sign-in 5:00")
        terminal.expect("Signed in to Microsoft Copilot as Alice.")
        assert terminal.wait() == 0
    assert "sim-alice" not in terminal.raw
    assert not using(profile)

    code, said, complained = run(env, "ask", "%%SAY here I am%%")
    assert (code, said) == (0, "here I am\n"), complained


def test_ctrl_c_closes_the_window_and_keeps_nothing(env: dict[str, str], profile: Path) -> None:
    env |= {"WISH": "do=msal-encrypted&name=alice"}
    with Terminal(env, "login", "microsoft", program=HEADLESS) as terminal:
        terminal.expect("waiting for your sign-in")
        terminal.expect("note: the page keeps its tokens encrypted")
        terminal.expect("waiting for your sign-in")
        assert using(profile)
        terminal.press("\x03")
        assert terminal.wait() == 130
    assert "Traceback" not in terminal.text
    assert not using(profile)
    assert run(env, "accounts", "--json")[1].strip() == "[]"


def test_when_the_time_is_up_the_other_ways_are_told(env: dict[str, str], profile: Path) -> None:
    env |= {"WISH": "do=never", "JUMPSEAT_SIGN_IN_TIMEOUT": "1"}
    with Terminal(env, "login", "microsoft", program=HEADLESS) as terminal:
        terminal.expect("after 1 seconds at the latest")
        terminal.expect("error: nobody signed in within 1 seconds.")
        terminal.expect("--har FILE")
        assert terminal.wait() == 3
    assert not using(profile)


def test_a_program_that_is_killed_leaves_no_browser(env: dict[str, str], profile: Path) -> None:
    env |= {"WISH": "do=never"}
    with Terminal(env, "login", "microsoft", program=HEADLESS) as terminal:
        terminal.expect("waiting for your sign-in")
        assert using(profile)
    until(lambda: not using(profile), 10)


def test_an_account_that_is_renewed_has_its_own_window(env: dict[str, str], profile: Path) -> None:
    env |= {"WISH": "do=msal-plain&name=alice"}
    for words in (("--name", "work"), ()):
        with Terminal(env, "login", "microsoft", *words, program=HEADLESS) as terminal:
            terminal.expect(profile_of("work"))
            terminal.expect("work (used from now on)")
            assert terminal.wait() == 0
    assert not profile.exists()
    assert not using(profile.parent)
