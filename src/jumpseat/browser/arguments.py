"""What a browser is started with: its command line and its environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from jumpseat.browser.driver import Launch
from jumpseat.model.errors import InvalidRequest

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
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    scheme = _PROXIES.get(parts.scheme)
    if scheme is None or not parts.hostname:
        raise InvalidRequest(
            "proxy must be an address like http://host:port or socks5://host:port", param="proxy"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    try:
        return f"{scheme}://{host}:{parts.port}" if parts.port else f"{scheme}://{host}"
    except ValueError as exc:
        raise InvalidRequest("the port of the proxy must be a number up to 65535", param="proxy") from exc


def environment(environ: Mapping[str, str], profile: Path) -> dict[str, str]:
    """
    The environment of a browser: ours, without our own settings, which may hold secrets.

    What it writes about a crash rests in the profile (BREAKPAD_DUMP_LOCATION, on Linux), for its owner alone.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith("JUMPSEAT_")}
    return kept | {"BREAKPAD_DUMP_LOCATION": str(profile / "Crash Reports")}
