"""However a sign-in ends, its browser is gone: every process of it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from jumpseat.browser import processes
from jumpseat.browser.driver import Driver
from jumpseat.browser.finding import find_driver
from jumpseat.browser.processes import CLOSE_SECONDS
from jumpseat.model.errors import MissingRequirementsError, SignInFailed
from jumpseat.settings import Settings
from tests.browser.conftest import Launching
from tests.browser.processes import children, complaints, using
from tests.browser.sites import Site
from tests.cli.programs import Terminal
from tests.programs import clean_environment
from tests.waiting import until, until_async

SECONDS = 15.0
Left = Callable[[], list[psutil.Process]]
OPENING = (sys.executable, "-m", "tests.browser.opening")


@pytest.fixture(autouse=True)
def left(profile: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Left]:
    """What this test left running; at the end nothing was complained of, and no browser runs (`profile`)."""
    before = set(children())
    yield lambda: [process for process in children() if process not in before] + using(profile)
    gc.collect()
    assert not complaints(caplog)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder for passing files. Its name is short: the path of a socket has to fit into 108 bytes."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="b") as folder:
        yield Path(folder)


async def test_an_end_in_peace_leaves_no_process_and_no_file_elsewhere(
    driver: Driver,
    launching: Launching,
    profile: Path,
    monkeypatch: pytest.MonkeyPatch,
    elsewhere: Path,
    left: Left,
) -> None:
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    window = await driver.open(launching())
    assert using(profile)

    await window.aclose()
    await window.aclose()

    await until_async(lambda: not left())
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("after", [0.0, 0.15, 0.5, 1.0])
async def test_cancelled_while_it_opens(
    driver: Driver, launching: Launching, profile: Path, after: float, left: Left
) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(after):
            window = await driver.open(launching())
            await window.aclose()

    await until_async(lambda: not left())


async def test_cancelled_while_it_closes(
    driver: Driver, launching: Launching, profile: Path, left: Left
) -> None:
    window = await driver.open(launching())
    _stop(using(profile))

    closing = asyncio.create_task(window.aclose())
    await asyncio.sleep(0)
    closing.cancel()

    with pytest.raises(asyncio.CancelledError):
        await closing
    await until_async(lambda: not left())


async def test_a_browser_that_hangs_is_killed_and_leaves_no_file_elsewhere(
    driver: Driver,
    launching: Launching,
    profile: Path,
    monkeypatch: pytest.MonkeyPatch,
    elsewhere: Path,
    left: Left,
) -> None:
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    monkeypatch.setattr(processes, "CLOSE_SECONDS", 0.3)
    window = await driver.open(launching())
    _stop(using(profile))

    await window.aclose()

    await until_async(lambda: not left())
    assert not list(elsewhere.iterdir())


async def test_a_driver_that_hangs_is_killed_with_its_browser(
    driver: Driver, launching: Launching, profile: Path, monkeypatch: pytest.MonkeyPatch, left: Left
) -> None:
    monkeypatch.setattr(processes, "CLOSE_SECONDS", 0.3)
    window = await driver.open(launching())
    _stop(left())

    await window.aclose()

    await until_async(lambda: not left())


def test_it_has_five_seconds_to_close_by_itself() -> None:
    assert CLOSE_SECONDS == 5.0


async def test_the_profile_belongs_to_one_window_at_a_time(
    driver: Driver, launching: Launching, site: Site
) -> None:
    window = await driver.open(launching())
    try:
        with pytest.raises(SignInFailed, match=r"profile .*microsoft open .*Close it, then run"):
            await driver.open(launching())
        assert await window.storage([site.url]) == {}
    finally:
        await window.aclose()


async def test_a_program_that_ends_at_once_is_no_browser(
    driver: Driver, launching: Launching, tmp_path: Path, left: Left
) -> None:
    ends = _program(tmp_path, "echo nonsense >&2; exit 3")

    with pytest.raises(SignInFailed, match=r"ends did not start: it ended at once\. .*JUMPSEAT_BROWSER"):
        await driver.open(launching(executable=ends))
    assert not left()


async def test_a_browser_says_why_it_does_not_start(
    driver: Driver, launching: Launching, tmp_path: Path
) -> None:
    ends = _program(tmp_path, "echo 'Missing X server or $DISPLAY' >&2; exit 1")

    with pytest.raises(SignInFailed, match="no display to show a browser window on"):
        await driver.open(launching(executable=ends))


async def test_what_is_no_program_is_no_browser(
    driver: Driver, launching: Launching, tmp_path: Path, left: Left
) -> None:
    text = tmp_path / "text"
    text.write_text("not a program")

    for executable in (text, tmp_path / "missing"):
        with pytest.raises(SignInFailed, match="did not start"):
            await driver.open(launching(executable=executable))
    assert not left()


async def test_playwright_without_its_own_program(
    launching: Launching, left: Left, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = find_driver(Settings(browser_driver="playwright"))
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(_program(tmp_path, "exit 127")))

    with pytest.raises(MissingRequirementsError, match="sudo apt-get install libatomic1"):
        await driver.open(launching())
    assert not left()


async def test_a_program_that_says_nothing_is_given_up(
    driver: Driver, launching: Launching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: Left
) -> None:
    monkeypatch.setattr(sys.modules[type(driver).__module__], "START_SECONDS", 1.5)
    silent = _program(tmp_path, "exec sleep 60")

    with pytest.raises(SignInFailed, match=r"did not come up within 1.5 s"):
        await driver.open(launching(executable=silent))
    assert not left()


def test_ctrl_c_at_the_terminal_closes_it(driver: Driver, chromium: Path, profile: Path, site: Site) -> None:
    words = (driver.name, str(chromium), str(profile), site.url)
    with Terminal(clean_environment(), *words, program=OPENING) as terminal:
        terminal.expect("open\n")
        assert using(profile)

        terminal.press("\x03")

        terminal.expect("closed")
        assert terminal.wait() == 130
    until(lambda: not using(profile))
    assert "Traceback" not in terminal.text


@pytest.mark.parametrize("after", [0.2, 0.8])
def test_ctrl_c_while_it_opens(
    driver: Driver, chromium: Path, profile: Path, site: Site, after: float
) -> None:
    words = (driver.name, str(chromium), str(profile), site.url)
    with Terminal(clean_environment(), *words, program=OPENING) as terminal:
        terminal.expect("opening")
        time.sleep(after)
        terminal.press("\x03")

        assert terminal.wait() == 130
    until(lambda: not using(profile))


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_a_program_that_is_killed_takes_its_browser_along(
    driver: Driver, chromium: Path, profile: Path, site: Site, by: signal.Signals
) -> None:
    words = (driver.name, str(chromium), str(profile), site.url)
    with Terminal(clean_environment(), *words, program=OPENING) as terminal:
        terminal.expect("open\n")
        os.kill(terminal.pid, by)

        terminal.wait()
    until(lambda: not using(profile), SECONDS)


def _program(folder: Path, script: str) -> Path:
    path = folder / "ends"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def _stop(processes: list[psutil.Process]) -> None:
    """Make them hang, but for those that watch a browser for crashes."""
    for process in processes:
        with suppress(psutil.Error):
            if "crashpad" not in process.name():
                process.suspend()
