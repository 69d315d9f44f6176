"""The installed Chromium, headless, on pages of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

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
        why = "There is no Chromium: `tools/bootstrap.sh browser` installs Debian's."
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(params=["playwright", "nodriver"])
def driver(request: pytest.FixtureRequest) -> Driver:
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
