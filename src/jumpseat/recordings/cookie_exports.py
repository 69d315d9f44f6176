"""Cookies as browser extensions and tools export them: a JSON list, or names and values."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from jumpseat.model.credentials import Secret
from jumpseat.recordings.problems import BadRecording
from jumpseat.recordings.sites import is_shown

_MARK = b"\xef\xbb\xbf"


def holds_cookies(data: bytes) -> bool:
    """
    Whether `data` is a cookie export at all.

    A plain object is one if it holds texts and nothing else: then they may be values of cookies.
    """
    try:
        content = msgspec.json.decode(data.removeprefix(_MARK))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    if isinstance(content, dict) and not isinstance(content.get("cookies"), list):
        return bool(content) and all(isinstance(value, str) for value in content.values())
    return next(_cookies(content), None) is not None


def read_cookies(data: bytes, host: str) -> dict[str, Secret]:
    """
    The cookies that a browser would show to `host`.

    Takes `[{"name": ..., "value": ..., "domain": ...}]`, the same under `cookies` (browser drivers write it
    so), and `{name: value}`. A cookie without a domain is taken; a blank one never. Raises `BadRecording`.
    """
    try:
        content = msgspec.json.decode(data.removeprefix(_MARK))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise BadRecording(
            "NotAHar", "the file is neither a cookie export in JSON nor a HAR recording. Export it again."
        ) from exc
    domains: set[str] = set()
    cookies: dict[str, Secret] = {}
    for name, value, domain in _cookies(content):
        if is_shown(domain, host):
            cookies[name] = Secret(value)
        else:
            domains.add(domain)
    if not cookies:
        shown = ", ".join(sorted(domains)[:10]) or "none"
        raise BadRecording(
            "NoCookies",
            f"the file holds no cookies for {host} (domains in it: {shown}). "
            f"Sign in at {host} in your browser and export its cookies as JSON.",
        )
    return cookies


def _cookies(content: object) -> Iterator[tuple[str, str, str]]:
    """Name, value and domain of every cookie; blank and odd ones are left out."""
    if isinstance(content, dict) and isinstance(content.get("cookies"), list):
        content = content["cookies"]
    if isinstance(content, dict):
        content = [{"name": name, "value": value} for name, value in content.items()]
    for item in content if isinstance(content, list) else ():
        if isinstance(item, dict):
            name, value, domain = item.get("name"), item.get("value"), item.get("domain")
            if isinstance(name, str) and name and isinstance(value, str) and value:
                yield name, value, domain if isinstance(domain, str) else ""
