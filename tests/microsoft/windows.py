"""A driver whose one window shows what a script says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jumpseat.browser import finding
from jumpseat.browser.driver import BrowserCookie, Launch
from jumpseat.browser.finding import Ready
from jumpseat.microsoft.page_caches import CHAT_AI
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import SignInFailed
from jumpseat.settings import Settings

NOW = 1_800_000_000.0


def kept(
    token: str = "tok", target: str = CHAT_AI, ends_in: float = 60.0, now: float = NOW
) -> dict[str, str]:
    """A localStorage with a plain token in it."""
    entry = {"credentialType": "AccessToken", "secret": token, "target": target, "expiresOn": now + ends_in}
    return {"msal.2|home|env|accesstoken": json.dumps(entry)}


ENCRYPTED = {"msal.2|x": json.dumps({"id": "k", "nonce": "n", "data": "d"})}

Scene = Mapping[str, str] | str | Exception
"""What one look shows: a localStorage, the address of a socket that was opened, or a failure."""


@dataclass
class Page:
    """A driver and its one window; the last scene of the script stays."""

    script: list[Scene] = field(default_factory=lambda: [{}])
    cookies_of: dict[str, list[BrowserCookie]] = field(default_factory=dict)
    opened: Launch | None = None
    closings: int = 0
    looked_at: list[Sequence[str]] = field(default_factory=list)
    asked_for: list[Sequence[str]] = field(default_factory=list)
    """Whose sockets were asked for."""
    sockets: list[Secret] = field(default_factory=list)
    may_close: asyncio.Event | None = None
    is_hurried: bool = False
    cookies_fail: bool = False
    name: str = "scripted"

    def is_the_browser(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let whoever looks for a browser find this one."""

        def prepare(
            settings: Settings, _environ: object, service: str, url: str, *, proxy: str | None = None
        ) -> Ready:
            folder = settings.home / "browser" / service
            launch = Launch(executable=Path("/usr/bin/chromium"), profile=folder, url=url, proxy=proxy)
            return Ready(self, launch)

        monkeypatch.setattr(finding, "prepare", prepare)

    async def open(self, launch: Launch) -> Page:
        self.opened = launch
        return self

    async def storage(self, origins: Sequence[str]) -> Mapping[str, str]:
        self.looked_at.append(origins)
        scene = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(scene, Exception):
            raise scene
        if isinstance(scene, str):
            self.sockets.append(Secret(scene))
            return {}
        return scene

    def socket_urls(self, origins: Sequence[str]) -> Sequence[Secret]:
        self.asked_for.append(origins)
        return self.sockets

    async def cookies(self, urls: Sequence[str]) -> Sequence[BrowserCookie]:
        if self.cookies_fail:
            raise SignInFailed("the window was closed.")
        return self.cookies_of.get(urls[0], [])

    async def aclose(self) -> None:
        self.closings += 1
        if self.may_close is None:
            return
        try:
            await self.may_close.wait()
        except asyncio.CancelledError:
            self.is_hurried = True
            raise


def cookie(
    name: str, value: str = "v", domain: str = "copilot.microsoft.com", **more: float
) -> BrowserCookie:
    return BrowserCookie(name=name, value=Secret(value), domain=domain, **more)
