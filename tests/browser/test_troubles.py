"""Every reason why there is no window comes with the way round it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jumpseat.browser import troubles
from jumpseat.model.errors import JumpseatError

PROGRAM = Path("/usr/bin/chromium")
PROFILE = Path("/people/me/.jumpseat/browser/microsoft")


@pytest.mark.parametrize(
    "error",
    [
        troubles.closed(),
        troubles.no_display(is_remote=False),
        troubles.no_display(is_remote=True),
        troubles.as_root(),
        troubles.no_driver("auto"),
        troubles.no_node(),
        troubles.no_browser(),
        troubles.no_such_program(PROGRAM, "there is no such file"),
        troubles.silent(PROGRAM, 30.0),
        troubles.would_not_start(PROGRAM, PROFILE, ""),
    ],
)
def test_it_names_the_ways_without_a_browser(error: JumpseatError) -> None:
    assert "`jumpseat login microsoft --har FILE`" in error.message
    assert "`jumpseat login microsoft --token-stdin`" in error.message


def test_a_profile_in_use_is_there_again_once_the_other_window_is_closed() -> None:
    message = troubles.profile_in_use(PROFILE, "process 12").message

    assert f"{PROFILE} open (process 12). Close it, then run `jumpseat login microsoft` again" in message


def test_over_ssh_it_says_why_there_is_no_display() -> None:
    assert troubles.no_display(is_remote=True).message.startswith("you are connected by ssh, and there is no")
    assert troubles.no_display(is_remote=False).message.startswith("there is no display")


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        ("auto", 'pip install "jumpseat[browser]"'),
        ("playwright", 'pip install "jumpseat[browser]"'),
        ("nodriver", 'pip install "jumpseat[nodriver]"'),
    ],
)
def test_a_missing_driver_comes_with_the_line_that_installs_it(wanted: str, line: str) -> None:
    assert line in troubles.no_driver(wanted).message


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "[1:1:ERROR:zygote] Running as root without --no-sandbox is not supported.",
            "you are root, and Chromium does not run as root",
        ),
        ("[1:1:ERROR:ozone_platform_x11.cc:257] Missing X server or $DISPLAY", "there is no display"),
        ("The profile appears to be in use by another Chromium process (12)", "has the browser profile"),
        ("Opening in existing browser session.", "has the browser profile"),
        (
            "/usr/lib/chromium/chromium: error while loading shared libraries: libnss3.so: cannot open",
            "libraries that it needs are missing",
        ),
        ("spawn /usr/bin/text EACCES", "is it a program, and may you run it?"),
        ("Segmentation fault", "it ended at once"),
    ],
)
def test_what_a_browser_says_at_its_end_becomes_a_reason(said: str, told: str) -> None:
    assert told in troubles.would_not_start(PROGRAM, PROFILE, said).message


def test_what_it_said_is_not_repeated() -> None:
    said = "DevTools listening on ws://127.0.0.1:1/devtools/browser/secret"

    assert "devtools" not in troubles.would_not_start(PROGRAM, PROFILE, said).message
