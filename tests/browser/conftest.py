"""The installed Chromium, headless, on pages of this machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NoReturn

import playwright
import pytest

from jumpseat.browser.driver import Driver, Launch
from jumpseat.browser.finding import find_browser, find_driver
from jumpseat.model.errors import SignInFailed
from jumpseat.settings import Settings
from tests.browser.processes import using
from tests.browser.sites import Site
from tests.waiting import until

Launching = Callable[..., Launch]


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program. Without one its tests are skipped; under CI it has to be there."""
    try:
        return find_browser(Settings(), os.environ)
    except SignInFailed:
        _do_without("There is no Chromium: `tools/bootstrap.sh browser` installs Debian's.")


def _do_without(why: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@cache
def _playwright_starts() -> bool:
    node = Path(playwright.__file__).parent / "driver" / "node"
    return subprocess.run([node, "--version"], capture_output=True, check=False).returncode == 0


@pytest.fixture(params=["playwright", "nodriver"])
def driver(request: pytest.FixtureRequest) -> Driver:
    if request.param == "playwright" and not _playwright_starts():
        _do_without(
            "Playwright's Node.js does not start: `tools/bootstrap.sh browser` installs what it needs."
        )
    return find_driver(Settings(browser_driver=request.param))


@pytest.fixture(scope="session")
def _site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def site(_site: Site) -> Site:
    _site.forget()
    return _site


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Path]:
    """The profile's folder, not made yet. At the end no process may have it open."""
    profile = tmp_path / "home" / "browser" / "microsoft"
    yield profile
    until(lambda: not using(profile))


@pytest.fixture
def launching(chromium: Path, profile: Path, site: Site) -> Launching:
    """Make a `Launch` of a page of the site."""

    def launch(path: str = "/", executable: Path = chromium) -> Launch:
        return Launch(executable=executable, profile=profile, url=site.url + path, is_headless=True)

    return launch
