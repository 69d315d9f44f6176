"""Where browsers are, and whether one can show itself."""

from __future__ import annotations

import pytest

from jumpseat.browser.places import driver_name, has_display, is_remote, paths

BOTH = frozenset({"playwright", "nodriver"})


def test_linux_has_its_browsers_where_the_shell_finds_them() -> None:
    assert list(paths("linux", {"HOME": "/people/me"})) == []


def test_a_mac_has_them_for_all_or_for_one_person() -> None:
    found = list(paths("darwin", {"HOME": "/Users/me"}))

    assert found[0] == "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    assert "/Users/me/Applications/Brave Browser.app/Contents/MacOS/Brave Browser" in found


def test_windows_has_them_in_three_folders() -> None:
    environ = {"PROGRAMFILES": r"C:\Program Files", "LOCALAPPDATA": r"C:\Users\me\AppData\Local"}

    assert list(paths("win32", environ))[:2] == [
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Users\me\AppData\Local\Google\Chrome\Application\chrome.exe",
    ]


@pytest.mark.parametrize(
    ("platform", "environ", "has"),
    [
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {}, False),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_what_has_a_display(platform: str, environ: dict[str, str], has: bool) -> None:
    assert has_display(platform, environ) is has


def test_a_shell_over_ssh_is_recognised() -> None:
    assert is_remote({"SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"})
    assert is_remote({"SSH_TTY": "/dev/pts/0"})
    assert not is_remote({})


@pytest.mark.parametrize(
    ("wanted", "installed", "name"),
    [
        ("auto", BOTH, "nodriver"),
        ("auto", frozenset({"playwright"}), "playwright"),
        ("auto", frozenset(), None),
        ("playwright", BOTH, "playwright"),
        ("nodriver", frozenset({"playwright"}), None),
    ],
)
def test_which_driver_opens_the_browser(wanted: str, installed: frozenset[str], name: str | None) -> None:
    assert driver_name(wanted, installed) == name
