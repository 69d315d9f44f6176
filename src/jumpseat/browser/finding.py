"""Which browser a sign-in opens, through which driver, and whether it can."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from jumpseat.browser import places, troubles
from jumpseat.browser.arguments import proxy_address
from jumpseat.browser.driver import Driver, Launch
from jumpseat.browser.profiles import holder
from jumpseat.settings import Settings

PROFILES_FOLDER = "browser"
"""Folder under `JUMPSEAT_HOME` with a browser profile for each service."""

DRIVERS = ("playwright", "nodriver")


class Ready(Struct, frozen=True):
    """A browser that can be opened: `await ready.driver.open(ready.launch)`."""

    driver: Driver
    launch: Launch


def prepare(
    settings: Settings,
    environ: Mapping[str, str],
    service: str,
    url: str,
    *,
    proxy: str | None = None,
    is_headless: bool = False,
) -> Ready:
    """
    What opens `url` for a sign-in to `service`, in the profile of that name. Nothing is started yet.

    Raises `MissingRequirementsError` (no driver) and `SignInFailed` (no browser, no display, root, profile in
    use), each with the way round it, and `InvalidRequest` for a proxy that is none.
    `is_headless` is for tests, which need no display.
    """
    driver = find_driver(settings)
    executable = find_browser(settings, environ)
    if not is_headless:
        _check_screen(environ)
    profile = settings.home.absolute() / PROFILES_FOLDER / service
    if (pid := holder(profile)) is not None:
        raise troubles.profile_in_use(profile, f"process {pid}")
    launch = Launch(
        executable=executable,
        profile=profile,
        url=url,
        proxy=proxy_address(proxy) if proxy else None,
        withheld=settings.withheld,
        is_headless=is_headless,
    )
    return Ready(driver, launch)


def find_driver(settings: Settings) -> Driver:
    """The driver that the settings ask for. Raises `MissingRequirementsError` with what installs it."""
    installed = frozenset(name for name in DRIVERS if find_spec(name) is not None)
    match places.driver_name(settings.browser_driver, installed):
        case "nodriver":
            from jumpseat.browser.nodriver_driver import NodriverDriver

            return NodriverDriver()
        case "playwright":
            from jumpseat.browser.playwright_driver import PlaywrightDriver

            return PlaywrightDriver()
        case _:
            raise troubles.no_driver(settings.browser_driver)


def find_browser(settings: Settings, environ: Mapping[str, str]) -> Path:
    """
    The program of the browser: the one that the settings name, else the first that is installed.

    Raises `SignInFailed` when there is none, or when the one that was named is no program.
    """
    if settings.browser is not None:
        return _named(settings.browser, environ.get("PATH"))
    for name in places.NAMES:
        if found := shutil.which(name, path=environ.get("PATH")):
            return Path(found)
    for path in map(Path, places.paths(sys.platform, environ)):
        if path.is_file() and os.access(path, os.X_OK):
            return path
    raise troubles.no_browser()


def _named(browser: Path, path: str | None) -> Path:
    if found := shutil.which(browser, path=path):
        return Path(found).absolute()
    if not browser.exists():
        raise troubles.no_such_program(browser, "there is no such file")
    problem = "that is a folder" if browser.is_dir() else "you may not run it (chmod +x makes it a program)"
    raise troubles.no_such_program(browser, problem)


def _check_screen(environ: Mapping[str, str]) -> None:
    if not places.has_display(sys.platform, environ):
        raise troubles.no_display(is_remote=places.is_remote(environ))
    if sys.platform != "win32" and os.geteuid() == 0:
        raise troubles.as_root()
