"""What a browser is started with: its command line and its environment."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from jumpseat.browser.driver import Launch
from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import environment_of_others

FIRST_PAGE = "about:blank"
"""Where it starts: the address comes once everything listens, so that nothing that page does is missed."""

FLAGS = (
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-search-engine-choice-screen",
    "--hide-crash-restore-bubble",
    # The profile is there for one sign-in: no account of the browser itself, nothing fetched into it.
    "--disable-sync",
    "--disable-component-update",
    # A crash report would hold memory of a page that has the tokens: none is sent.
    "--disable-breakpad",
)
"""
Choice: only what spares the person a question, or keeps their secrets. Nothing makes the browser look like
another than it is, and nothing that guards it is switched off.
"""

_PROXIES = {"http": "http", "https": "https", "socks4": "socks4", "socks5": "socks5", "socks5h": "socks5"}
"""Schemes of proxies, and Chromium's words for them; its socks5 leaves names to the proxy like socks5h."""


def arguments(launch: Launch, *, is_root: bool) -> list[str]:
    """
    The command line after the program's name, without what a driver needs to talk with it.

    Chromium does not run as root with its sandbox. Choice: only a headless one (a test's) goes without.
    Raises `InvalidRequest` for a proxy that is none.
    """
    told = [f"--user-data-dir={launch.profile}", *FLAGS]
    if launch.proxy:
        told.append(f"--proxy-server={proxy_address(launch.proxy)}")
    if launch.is_headless:
        told += ["--headless", *(["--no-sandbox"] if is_root else [])]
    return told


def proxy_address(proxy: str) -> str:
    """
    The proxy as Chromium takes it, without its user name and password.

    Those would stand in the command line for all to read: the browser asks the person for them.
    """
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        scheme, port = _PROXIES.get(parts.scheme), parts.port
    except ValueError:
        # Its own words quote the address, and with it a password.
        raise _no_proxy() from None
    if scheme is None or not parts.hostname:
        raise _no_proxy()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{scheme}://{host}:{port}" if port else f"{scheme}://{host}"


def _no_proxy() -> InvalidRequest:
    return InvalidRequest(
        "proxy must be an address like http://host:port or socks5://host:port, with a port up to 65535",
        param="proxy",
    )


def environment(environ: Mapping[str, str], launch: Launch) -> dict[str, str]:
    """
    The environment of a browser: ours, without our own settings and what is withheld, which may be secrets.

    What it writes about a crash rests in the profile (BREAKPAD_DUMP_LOCATION, on Linux), for its owner alone.
    """
    kept = environment_of_others(environ, launch.withheld)
    return kept | {"BREAKPAD_DUMP_LOCATION": str(launch.profile / "Crash Reports")}
