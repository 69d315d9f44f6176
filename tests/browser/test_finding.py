"""Which browser a sign-in opens, through which driver, and whether it can."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from jumpseat.browser import finding
from jumpseat.browser.finding import find_browser, find_driver, prepare
from jumpseat.model.errors import MissingRequirementsError, SignInFailed
from jumpseat.settings import Settings

URL = "https://copilot.microsoft.com"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path, programs: Path) -> Settings:
    return Settings(home=tmp_path / "home", browser=_program(programs / "own"))


def _program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def _as(monkeypatch: pytest.MonkeyPatch, user: int) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)


def test_the_browser_that_the_settings_name_is_taken(settings: Settings) -> None:
    assert find_browser(settings, {"PATH": "/usr/bin"}) == settings.browser


def test_a_browser_may_be_named_as_a_shell_finds_it(programs: Path) -> None:
    vivaldi = _program(programs / "vivaldi")

    assert find_browser(Settings(browser=Path("vivaldi")), {"PATH": str(programs)}) == vivaldi


def test_else_the_first_that_is_installed(programs: Path) -> None:
    environ = {"PATH": str(programs)}
    with pytest.raises(SignInFailed, match="no Chrome, Chromium, Edge or Brave was found"):
        find_browser(Settings(), environ)

    brave = _program(programs / "brave-browser")
    assert find_browser(Settings(), environ) == brave
    chromium = _program(programs / "chromium")
    assert find_browser(Settings(), environ) == chromium


def test_where_no_shell_finds_it(programs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    folder = tmp_path / "Applications" / "Chromium.app" / "Contents" / "MacOS"
    folder.mkdir(parents=True)
    chromium = _program(folder / "Chromium")

    assert find_browser(Settings(), {"PATH": str(programs), "HOME": str(tmp_path)}) == chromium


def test_what_was_named_and_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "text").touch(mode=0o644)
    for name, problem in (
        ("missing", "there is no such file"),
        ("text", r"you may not run it \(chmod \+x"),
        ("", "that is a folder"),
    ):
        with pytest.raises(SignInFailed, match=rf"JUMPSEAT_BROWSER names .*, and {problem}"):
            find_browser(Settings(browser=tmp_path / name), {})


def test_the_driver_that_was_asked_for() -> None:
    assert find_driver(Settings(browser_driver="playwright")).name == "playwright"
    assert find_driver(Settings(browser_driver="nodriver")).name == "nodriver"
    assert find_driver(Settings()).name == "nodriver"


def test_without_a_driver_it_says_what_installs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "find_spec", lambda name: None)

    with pytest.raises(MissingRequirementsError, match=r'pip install "jumpseat\[browser\]"'):
        find_driver(Settings())
    with pytest.raises(MissingRequirementsError, match=r'pip install "jumpseat\[nodriver\]"'):
        find_driver(Settings(browser_driver="nodriver"))


def test_a_visible_browser_in_the_service_s_own_profile(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _as(monkeypatch, 1000)

    ready = prepare(settings, {"DISPLAY": ":0"}, "microsoft", URL, proxy="socks5://me:pass@localhost:1080")

    assert ready.launch.executable == settings.browser
    assert ready.launch.profile == settings.home / "browser" / "microsoft"
    assert (ready.launch.url, ready.launch.proxy) == (URL, "socks5://localhost:1080")
    assert ready.launch.is_headless is False
    assert not settings.home.exists(), "nothing is made before it opens"


def test_without_a_display_there_is_no_window(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _as(monkeypatch, 1000)
    with pytest.raises(SignInFailed, match=r"^there is no display .* --har FILE"):
        prepare(settings, {}, "microsoft", URL)
    with pytest.raises(SignInFailed, match=r"^you are connected by ssh, and there is no display"):
        prepare(settings, {"SSH_CONNECTION": "from there"}, "microsoft", URL)

    assert prepare(settings, {}, "microsoft", URL, is_headless=True).launch.is_headless


def test_as_root_there_is_no_window(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _as(monkeypatch, 0)

    with pytest.raises(SignInFailed, match=r"you are root, .* never switches off for you"):
        prepare(settings, {"DISPLAY": ":0"}, "microsoft", URL)


def test_a_profile_in_use_is_noticed_before_anything_opens(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "holder", lambda profile: 12)

    with pytest.raises(SignInFailed, match=r"process 12"):
        prepare(settings, {}, "microsoft", URL, is_headless=True)
