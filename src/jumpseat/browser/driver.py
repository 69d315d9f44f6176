"""What a sign-in asks of a browser. It looks; it clicks nothing and types nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from jumpseat.model.credentials import Secret


class BrowserCookie(Struct, frozen=True, kw_only=True):
    """One cookie that the browser holds."""

    name: str
    value: Secret
    domain: str
    expires_at: float | None = None
    """Seconds since 1970; None for one that ends with the browser."""


class Launch(Struct, frozen=True, kw_only=True):
    """How a browser is opened."""

    executable: Path
    profile: Path
    """Its own profile folder, below `JUMPSEAT_HOME`."""
    url: str
    proxy: str | None = None
    is_headless: bool = False
    """For tests alone: a person has to see where they sign in."""


class Window(Protocol):
    """An open browser, on the page it was opened with and whatever the person goes on to."""

    async def storage(self, origins: Sequence[str]) -> Mapping[str, str]:
        """
        The localStorage of those of its pages that are at one of `origins` (`https://host`), in one.

        Raises `SignInFailed` when the window has been closed.
        """

    def socket_urls(self) -> Sequence[Secret]:
        """The addresses of all WebSockets that its pages opened so far, oldest first: there may be tokens in them."""

    async def cookies(self, urls: Sequence[str]) -> Sequence[BrowserCookie]:
        """The cookies that it would show to these addresses."""

    async def aclose(self) -> None:
        """Close the browser and wait until its process is gone, killing it if need be. Idempotent."""


class Driver(Protocol):
    """A library that opens browsers."""

    @property
    def name(self) -> str:
        """`playwright` or `nodriver`."""

    async def open(self, launch: Launch) -> Window:
        """
        Open a browser.

        Raises `SignInFailed` (no display, profile in use, it would not start) and leaves no process behind then.
        Cancelling it leaves none either.
        """
