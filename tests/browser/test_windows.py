"""What a sign-in sees of the browser: the same through every driver."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import stat
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from jumpseat.browser import processes
from jumpseat.browser.driver import BrowserCookie, Driver, Launch, Window
from jumpseat.browser.profiles import holder
from jumpseat.model.errors import SignInFailed
from tests.browser.conftest import Launching
from tests.browser.processes import complaints
from tests.browser.sites import SECRET, Site
from tests.waiting import until_async

SECONDS = 15.0
SOCKETS = {f"?accessToken={SECRET}", "?from=worker", "?from=frame"}


@asynccontextmanager
async def opened(driver: Driver, launch: Launch) -> AsyncIterator[Window]:
    window = await driver.open(launch)
    try:
        yield window
    finally:
        await window.aclose()


async def storage_of(
    window: Window, origin: str, when: Callable[[Mapping[str, str]], object]
) -> Mapping[str, str]:
    """Look until the storage is as awaited."""
    ends_at = time.monotonic() + SECONDS
    while not when(found := await window.storage([origin])):
        assert time.monotonic() < ends_at, found
        await asyncio.sleep(0.02)
    return found


def addresses(window: Window, *origins: str) -> set[str]:
    return {url.reveal().partition("/socket")[2] for url in window.socket_urls(origins)}


async def test_the_storage_of_pages_at_the_asked_origin_alone(
    driver: Driver, launching: Launching, site: Site
) -> None:
    async with opened(driver, launching("/storage")) as window:
        assert await storage_of(window, site.url, bool) == {"token": SECRET, "other": "thing"}
        assert await window.storage([site.other_url, "https://copilot.microsoft.com"]) == {}


async def test_a_popup_is_looked_at_like_a_page(
    driver: Driver, launching: Launching, site: Site, profile: Path
) -> None:
    _allow_popups(profile)
    async with opened(driver, launching("/popup")) as window:
        assert await storage_of(window, site.other_url, bool) == {"inside": SECRET}
        assert await window.storage([site.url]) == {}
        await until_async(lambda: addresses(window, site.other_url) == {"?from=popup"}, SECONDS)
        assert addresses(window, site.url) == set(), "the socket leads there, and another page opened it"


async def test_a_token_that_comes_late(driver: Driver, launching: Launching, site: Site) -> None:
    async with opened(driver, launching("/late")) as window:
        await until_async(lambda: "/hold" in site.seen, SECONDS)
        assert await window.storage([site.url]) == {}

        site.let_go()

        assert await storage_of(window, site.url, bool) == {"token": SECRET}


async def test_a_page_on_its_way_elsewhere_is_looked_at_all_the_same(
    driver: Driver, launching: Launching, site: Site
) -> None:
    async with opened(driver, launching("/hanging")) as window:
        await until_async(lambda: "/hold" in site.seen, SECONDS)

        assert await window.storage([site.url]) == {}


async def test_a_dialog_of_the_page_waits_for_the_person(
    driver: Driver, launching: Launching, site: Site
) -> None:
    async with opened(driver, launching("/alert")) as window:
        await until_async(lambda: "/alert" in site.seen, SECONDS)

        assert (await window.storage([site.url])).get("token") != "no"


async def test_the_addresses_of_sockets_opened_as_the_page_loads_and_by_its_workers(
    driver: Driver, launching: Launching, site: Site
) -> None:
    async with opened(driver, launching("/sockets")) as window:
        await until_async(
            lambda: addresses(window, site.url) == SOCKETS, SECONDS, told=lambda: addresses(window, site.url)
        )
        assert SECRET not in repr(window.socket_urls([site.url]))


async def test_cookies_with_the_moment_they_expire(driver: Driver, launching: Launching, site: Site) -> None:
    async with opened(driver, launching("/cookies")) as window:
        found = await _cookies(window, site.url)

        assert {name: cookie.value.reveal() for name, cookie in found.items()} == {
            "lasting": SECRET,
            "passing": "until-the-end",
        }
        assert found["lasting"].expires_at == pytest.approx(time.time() + 86_400, abs=60)
        assert found["passing"].expires_at is None
        assert found["lasting"].domain == "127.0.0.1"
        assert await window.cookies([site.other_url]) == []


async def test_whoever_signed_in_once_still_is_the_next_time(
    driver: Driver, launching: Launching, site: Site, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine a browser takes its time to write everything down.
    monkeypatch.setattr(processes, "CLOSE_SECONDS", 30.0)
    async with opened(driver, launching("/cookies")) as window:
        await _cookies(window, site.url)
    async with opened(driver, launching("/storage")) as window:
        await storage_of(window, site.url, bool)
    async with opened(driver, launching("/")) as window:
        assert "token" in await storage_of(window, site.url, bool)
        assert "lasting" in {cookie.name for cookie in await window.cookies([site.url])}

    assert stat.S_IMODE(profile.stat().st_mode) == 0o700
    assert stat.S_IMODE(profile.parent.parent.stat().st_mode) == 0o700


async def test_a_window_that_the_person_closed(
    driver: Driver, launching: Launching, site: Site, profile: Path
) -> None:
    async with opened(driver, launching("/sockets")) as window:
        await until_async(
            lambda: addresses(window, site.url) == SOCKETS, SECONDS, told=lambda: addresses(window, site.url)
        )
        browser = holder(profile)
        assert browser is not None
        psutil.Process(browser).send_signal(signal.SIGTERM)  # As a desktop asks it to close.
        await until_async(lambda: holder(profile) is None, SECONDS)

        await _until_closed(window, site.url)
        with pytest.raises(SignInFailed, match=r"jumpseat login microsoft --har FILE"):
            await window.cookies([site.url])
        assert addresses(window, site.url) == SOCKETS


async def test_a_browser_that_crashed(
    driver: Driver, launching: Launching, site: Site, profile: Path
) -> None:
    async with opened(driver, launching("/")) as window:
        browser = holder(profile)
        assert browser is not None
        psutil.Process(browser).kill()

        await _until_closed(window, site.url)


async def test_nothing_of_it_is_logged(
    driver: Driver, launching: Launching, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with opened(driver, launching("/sockets")) as window:
        await until_async(
            lambda: addresses(window, site.url) == SOCKETS, SECONDS, told=lambda: addresses(window, site.url)
        )
        await window.storage([site.url])
    async with opened(driver, launching("/cookies")) as window:
        await _cookies(window, site.url)

    assert SECRET not in caplog.text
    assert "DevTools" not in caplog.text
    assert not complaints(caplog)


async def _until_closed(window: Window, origin: str) -> None:
    async def look() -> None:
        ends_at = time.monotonic() + SECONDS
        while time.monotonic() < ends_at:
            await window.storage([origin])
            await asyncio.sleep(0.02)

    with pytest.raises(SignInFailed, match="was closed before the sign-in was done"):
        await look()


async def _cookies(window: Window, url: str) -> dict[str, BrowserCookie]:
    ends_at = time.monotonic() + SECONDS
    while not (found := {cookie.name: cookie for cookie in await window.cookies([url])}):
        assert time.monotonic() < ends_at
        await asyncio.sleep(0.02)
    return found


def _allow_popups(profile: Path) -> None:
    """As a person would, in the settings of the browser: no one clicks here."""
    (profile / "Default").mkdir(parents=True)
    preferences = {"profile": {"default_content_setting_values": {"popups": 1}}}
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences))
