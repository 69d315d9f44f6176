"""What `jumpseat login microsoft` says while a browser window is open."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

from jumpseat.browser.driver import Launch
from jumpseat.browser.finding import Ready
from jumpseat.cli.login_browser import Teller, announcement, profile_of, sign_in
from jumpseat.microsoft.browser_signin import Progress
from jumpseat.microsoft.signin import Sign
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import SignInFailed
from jumpseat.recordings.tokens import PERSONAL_TENANT
from jumpseat.settings import Settings
from tests.cli.screen import FakeTerminal
from tests.microsoft.windows import ENCRYPTED, Page, kept
from tests.waiting import until_async

HINT = Sign("encrypted", "the page keeps its tokens encrypted")


def settings(**more: float) -> Settings:
    return Settings(microsoft_url="http://127.0.0.1:8400", home=Path("/state/ada/.jumpseat"), **more)  # type: ignore[arg-type]


async def test_what_will_happen_is_said_before_the_window_opens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Page([kept(now=time.time())])
    page.is_the_browser(monkeypatch)
    credential = await sign_in(settings())
    told = capsys.readouterr()

    assert credential.token == Secret("tok")
    assert page.opened is not None
    assert page.opened.profile == Path("/state/ada/.jumpseat/browser/microsoft")
    assert told.out == ""
    assert "A browser window opens at http://127.0.0.1:8400 (chromium, through scripted)." in told.err
    assert "/state/ada/.jumpseat/browser/microsoft" in told.err
    assert "after 5 minutes at the latest" in told.err
    assert "Ctrl-C" in told.err
    assert "tok'" not in told.err


async def test_a_sign_in_to_the_newer_chat_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page([f"wss://substrate.office.com/m365Copilot/Chathub/o@{PERSONAL_TENANT}?access_token=newer"])
    page.is_the_browser(monkeypatch)
    credential = await sign_in(Settings(home=Path("/state")))

    assert (credential.generation, credential.token) == ("chathub", Secret("newer"))


async def test_each_hint_is_told_once_and_the_failure_says_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Page([ENCRYPTED, ENCRYPTED, SignInFailed("the window was closed.")])
    page.is_the_browser(monkeypatch)
    with pytest.raises(SignInFailed, match=r"the window was closed\. Until then the page keeps"):
        await sign_in(settings())

    assert capsys.readouterr().err.count("note: the page keeps its tokens encrypted") == 1


async def test_ctrl_c_closes_the_window_and_says_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page()
    page.is_the_browser(monkeypatch)
    task = asyncio.ensure_future(sign_in(settings()))
    await until_async(lambda: page.looked_at)
    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert page.closings == 1


async def test_accounts_given_by_name_have_windows_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page([kept(now=time.time())])
    page.is_the_browser(monkeypatch)
    await sign_in(settings(), "work")

    assert page.opened is not None
    assert page.opened.profile.name == profile_of("Work ")
    assert len({profile_of(None), profile_of("work"), profile_of("home")}) == 3
    assert profile_of("default") == profile_of(None)
    assert profile_of("../../etc").replace("-", "").isalnum()


async def test_on_a_terminal_the_time_counts_down_below_the_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = FakeTerminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(FakeTerminal, "isatty", lambda _: True, raising=False)
    monkeypatch.setattr(FakeTerminal, "flush", lambda _: None, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    teller = Teller()
    teller.tell(Progress(seconds_left=245.0, signs=()))
    assert any("waiting for your sign-in 4:05" in text for text in terminal.written)
    teller.tell(Progress(seconds_left=244.5, signs=(HINT,)))
    teller.tell(Progress(seconds_left=100.0, signs=(HINT,)))
    teller.over()
    teller.over()

    assert terminal.lines == ["note: the page keeps its tokens encrypted"]


async def test_elsewhere_a_line_a_minute_says_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    teller = Teller()
    for left in (130.0, 129.5, 70.0, 69.5, 10.0, 0.0):
        teller.tell(Progress(seconds_left=left, signs=()))
    teller.over()

    assert capsys.readouterr().err.splitlines() == [
        "waiting for your sign-in: 1:10 minutes left",
        "waiting for your sign-in: 10 seconds left",
    ]


def test_the_announcement_fits_a_terminal() -> None:
    launch = Launch(
        executable=Path("/usr/bin/chromium"), profile=Path("/p"), url="https://copilot.microsoft.com"
    )
    lines = announcement(Ready(Page(), launch), 45)

    assert "45 seconds" in lines[-1]
    assert max(map(len, lines)) <= 100
