"""What the documents' call brings home from a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jumpseat.browser import finding
from jumpseat.errors import SignInFailed
from jumpseat.providers import get_access_token_and_cookies
from jumpseat.simulator import SimulatorThread
from tests.browser.processes import using

URL = "https://copilot.microsoft.com"


@pytest.fixture
def wish(
    simulated: SimulatorThread, chromium: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """How the person signs in, under `do`; their browser needs no screen."""
    wishes = {"do": "msal-plain"}
    prepare = finding.prepare

    def headless(settings: Any, environ: Any, service: str, url: str, **more: Any) -> finding.Ready:
        asked = f"{url}/?do={wishes['do']}&name=alice"
        return prepare(settings, environ, service, asked, is_headless=True, **more)

    monkeypatch.setattr(finding, "prepare", headless)
    monkeypatch.setenv("JUMPSEAT_BROWSER", str(chromium))
    return wishes


async def test_the_token_and_the_sites_cookies_come_home_and_the_browser_is_gone(
    wish: dict[str, str], tmp_path: Path
) -> None:
    token, cookies = await get_access_token_and_cookies(URL)

    assert token == "sim-alice"
    assert cookies.keys() == {"MUID", "_C_Auth"}
    assert not using(tmp_path / "home" / "browser" / "microsoft")


async def test_when_the_time_is_up_it_is_gone_too(
    wish: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUMPSEAT_SIGN_IN_TIMEOUT", "0.5")
    wish["do"] = "never"

    with pytest.raises(SignInFailed, match=r"within 0\.5 seconds.*--har FILE"):
        await get_access_token_and_cookies(URL)
    assert not using(tmp_path / "home" / "browser" / "microsoft")
