"""The sign-in at Microsoft Copilot in a visible browser: the person signs in by hand, and we look on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from msgspec import Struct, structs

from jumpseat.browser.driver import BrowserCookie, Driver, Launch, Window
from jumpseat.browser.troubles import OTHER_WAYS
from jumpseat.microsoft.signin import Found, Look, Sign, Wanted, cookie_origins, origins, read, wanted_at
from jumpseat.model.credentials import Credential, Secret
from jumpseat.model.errors import SignInFailed
from jumpseat.recordings.sites import is_shown

DEFAULT_TIMEOUT = 300.0
"""Seconds that a person has."""

_LOOK_EVERY = 0.5
_OPENING_SECONDS = 60.0
"""Choice: how long a browser may take to open; drivers say more exactly what went wrong, and sooner."""


class Progress(Struct, frozen=True, kw_only=True):
    """How a sign-in stands."""

    seconds_left: float
    signs: Sequence[Sign]
    """What the browser shows now that is no sign-in yet, the most telling first."""


Tell = Callable[[Progress], None]


def _tell_nobody(_: Progress) -> None:
    pass


async def sign_in(
    driver: Driver,
    launch: Launch,
    *,
    target: str | None = "ChatAI",
    timeout: float = DEFAULT_TIMEOUT,
    tell: Tell = _tell_nobody,
    now: Callable[[], float] = time.time,
    look_every: float = _LOOK_EVERY,
) -> Credential:
    """
    Open a browser at `launch.url`, and wait until the person has signed in there: at most `timeout` seconds.

    The token's scope holds the word `target`; None takes that of either chat. `tell` hears how it stands at
    each look. The site's cookies come with the token. The browser is closed and gone in any case, also when
    this is cancelled.

    Raises `SignInFailed`: it did not open, it was closed, the time was up. Its message names the other ways.
    """
    wanted = wanted_at(launch.url, target)
    seen: dict[str, Sign] = {}
    loop = asyncio.get_running_loop()
    window = await _open(driver, launch)
    ends_at = loop.time() + timeout

    def told(signs: Sequence[Sign]) -> None:
        seen.update({sign.name: sign for sign in signs})
        tell(Progress(seconds_left=max(0.0, ends_at - loop.time()), signs=signs))

    try:
        async with asyncio.timeout_at(ends_at):
            found = await _watch(window, wanted, told, now, look_every)
            return structs.replace(found, cookies=await _cookies(window, wanted, found, now()))
    except TimeoutError as exc:
        raise SignInFailed(
            f"nobody signed in within {timeout:g} seconds.{_told(seen)} Run `jumpseat login microsoft` again "
            f"(JUMPSEAT_SIGN_IN_TIMEOUT gives more time). {OTHER_WAYS}"
        ) from exc
    except SignInFailed as error:
        raise SignInFailed(f"{error.message}{_told(seen)}") from error
    finally:
        # Cancelled meanwhile, this kills the browser.
        await window.aclose()


async def _open(driver: Driver, launch: Launch) -> Window:
    try:
        async with asyncio.timeout(_OPENING_SECONDS):
            return await driver.open(launch)
    except TimeoutError as exc:
        raise SignInFailed(f"the browser did not open within {_OPENING_SECONDS:g} s. {OTHER_WAYS}") from exc


def _told(seen: Mapping[str, Sign]) -> str:
    """What the window showed before it ended, as a sentence; empty for nothing."""
    return f" Until then {'; '.join(sign.says for sign in seen.values())}." if seen else ""


async def _watch(
    window: Window,
    wanted: Wanted,
    told: Callable[[Sequence[Sign]], None],
    now: Callable[[], float],
    look_every: float,
) -> Credential:
    """Look again and again until the sign-in is there."""
    told(())
    while True:
        storage, end = await _storage(window, wanted)
        # The sockets stay known: whoever closes the window right after a message has signed in all the same.
        look = Look(storage=storage, socket_urls=window.socket_urls(origins(wanted)))
        match read(look, wanted, now=now()):
            case Found(credential):
                return credential
            case waiting if end is None:
                told(waiting.signs)
            case _:
                raise end
        await asyncio.sleep(look_every)


async def _storage(window: Window, wanted: Wanted) -> tuple[Mapping[str, str], SignInFailed | None]:
    """The localStorage of the site's pages; nothing, and why, once the window is closed."""
    try:
        return await window.storage(origins(wanted)), None
    except SignInFailed as closed:
        return {}, closed


async def _cookies(
    window: Window, wanted: Wanted, credential: Credential, now: float
) -> Mapping[str, Secret]:
    """The site's own cookies; of a name that two of its hosts use, that of the first."""
    cookies: dict[str, Secret] = {}
    for origin in cookie_origins(wanted, credential):
        host = urlsplit(origin).hostname or ""
        # Without its cookies the token still opens the chat.
        with suppress(SignInFailed):
            for cookie in await window.cookies([f"{origin}/", f"{origin}/c/api/chat"]):
                if _is_of(cookie, host, now):
                    cookies.setdefault(cookie.name, cookie.value)
    return cookies


def _is_of(cookie: BrowserCookie, host: str, now: float) -> bool:
    # The landing page may set a cookie blank (classic page, section 3): that says nothing.
    is_good = cookie.value != Secret("") and (cookie.expires_at is None or cookie.expires_at > now)
    return bool(cookie.domain) and is_shown(cookie.domain, host) and is_good
