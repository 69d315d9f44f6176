"""What a sign-in asks of a browser. It looks; it clicks nothing and types nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from jumpseat.model.credentials import Secret

START_SECONDS = 30.0
"""A browser that has not come up by then will not."""

LOOK_SECONDS = 2.0
"""A page that does not answer a look by then is passed over until the next."""


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
    """Without user name and password: the browser asks the person for them."""
    withheld: tuple[str, ...] = ()
    """The variables, beside our own settings, that the browser does not get."""
    is_headless: bool = False
    """For tests alone: a person has to see where they sign in."""


class Window(Protocol):
    """An open browser, on the page it was opened with and whatever the person goes on to."""

    async def storage(self, origins: Sequence[str]) -> Mapping[str, str]:
        """
        The localStorage of those of its pages that are at one of `origins` (`https://host`), in one.

        Raises `SignInFailed` when the window has been closed.
        """

    def socket_urls(self, origins: Sequence[str]) -> Sequence[Secret]:
        """
        The addresses of all WebSockets that pages at one of `origins` opened so far, oldest first.

        Whoever opened one matters: any page may open one to any host, with a token of somebody else's. There
        may be tokens in them. They stay when the window is closed.
        """

    async def cookies(self, urls: Sequence[str]) -> Sequence[BrowserCookie]:
        """The cookies that it would show to these addresses. Raises `SignInFailed` like `storage`."""

    async def aclose(self) -> None:
        """
        Close the browser and wait until its processes are gone, killing them if need be. Idempotent.

        It has five seconds to close by itself. Cancelling this kills it at once.
        """


class Driver(Protocol):
    """A library that opens browsers."""

    @property
    def name(self) -> str:
        """`playwright` or `nodriver`."""

    async def open(self, launch: Launch) -> Window:
        """
        Open a browser; the page may still be on its way.

        Raises `SignInFailed` (profile in use, it would not start) and `InvalidRequest` (the proxy is none),
        and leaves no process behind then. Cancelling it leaves none either.
        """
