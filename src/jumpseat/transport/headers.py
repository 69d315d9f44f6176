"""What every transport does with addresses and headers before they go out and when they come in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import LOOPBACK

_PROXY_SCHEMES = frozenset({"http", "https", "socks5", "socks5h"})

_BREAK = re.compile(r"[\r\n\0]")
_BREAK_OR_BLANK = re.compile(r"[\r\n\0 ]")


def place(url: str) -> str:
    """The address without its query, which may hold a token: this is what errors and logs may show."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}"


def checked_proxy(proxy: str | None) -> str | None:
    """
    `proxy` if it can be the address of one; None if there is none.

    Raises `InvalidRequest` that does not quote it, for it may hold a password: the libraries' own errors do.
    """
    if not proxy:
        return None
    try:
        parts = urlsplit(proxy)
        is_good = parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or not proxy.isprintable() or " " in proxy:
        raise InvalidRequest(
            "the proxy must be an address like http://host:port (or https, socks5, socks5h)", param="proxy"
        )
    return proxy


def proxy_for(url: str, proxy: str | None) -> str | None:
    """
    The proxy that calls to `url` go through.

    Calls to this machine itself only go through a proxy on this machine: they may be in clear text, which
    must not leave it.
    """
    if proxy is None or (_is_loopback(url) and not _is_loopback(proxy)):
        return None
    return proxy


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def refuse_line_breaks(url: str, headers: Mapping[str, str]) -> None:
    """
    Raise `InvalidRequest` if the address or a header could break out of its line.

    The message names the header, never its value.
    """
    if _BREAK_OR_BLANK.search(url):
        raise InvalidRequest("an address must not hold blanks or line breaks")
    for name, value in headers.items():
        if _BREAK.search(name) or _BREAK.search(value):
            raise InvalidRequest(
                f"the header {name.strip()!r} holds a line break: copy the token or cookie alone",
                param=name.strip(),
            )


def read_set_cookies(lines: Iterable[str]) -> dict[str, str]:
    """
    The cookies that `Set-Cookie` values set, the last of a name counting.

    Blank ones and those that are told to go (`Max-Age=0`) are left out: a blank never replaces a good value
    (classic protocol, section 3).
    """
    cookies: dict[str, str] = {}
    for line in lines:
        pair, *attributes = line.split(";")
        name, equals, value = pair.partition("=")
        name, value = name.strip(), value.strip()
        if name and equals and value and not _is_dropped(attributes):
            cookies[name] = value
    return cookies


def _is_dropped(attributes: Iterable[str]) -> bool:
    for attribute in attributes:
        name, _, value = attribute.partition("=")
        if name.strip().lower() == "max-age":
            seconds = value.strip()
            return seconds.startswith("-") or seconds == "0"
    return False


def gather_headers(pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """
    Header lines as (headers by lower-case name, cookies they set).

    A repeated header is joined with a comma, but for `Set-Cookie`, which only appears among the cookies.
    """
    headers: dict[str, str] = {}
    set_cookies: list[str] = []
    for name, value in pairs:
        low = name.lower()
        if low == "set-cookie":
            set_cookies.append(value)
        elif low in headers:
            headers[low] = f"{headers[low]}, {value}"
        else:
            headers[low] = value
    return headers, read_set_cookies(set_cookies)
