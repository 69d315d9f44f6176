"""Looking at a page: what is asked of it, and what its answer means."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from jumpseat.browser.driver import BrowserCookie
from jumpseat.model.credentials import Secret

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str | None:
    """The origin of a page's address (`https://host`), as `location.origin` has it; None if it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (
        f":{port}" if port not in {None, _DEFAULT_PORTS[parts.scheme]} else ""
    )


def storage_question(origins: Sequence[str]) -> dict[str, Any]:
    """
    The parameters of `Runtime.evaluate` that ask a page for its localStorage.

    The page may have gone on since its address was seen, so its own origin is compared once more; without
    calling anything, for a page may have put something else in the place of whatever is called.
    """
    at_one = " || ".join(f"location.origin === {json.dumps(origin)}" for origin in origins) or "false"
    return {"expression": f"{at_one} ? {{...localStorage}} : {{}}", "returnByValue": True}


def storage_in(answer: Mapping[str, Any]) -> dict[str, str]:
    """The localStorage in the answer; nothing where the page refused to show it."""
    value = answer.get("result", {}).get("value")
    if not isinstance(value, dict):
        return {}
    return {key: text for key, text in value.items() if isinstance(text, str)}


def cookie_in(cookie: Mapping[str, Any]) -> BrowserCookie:
    """A cookie as the DevTools protocol tells it; `expires` is -1 for one that ends with the browser."""
    expires = cookie.get("expires", -1)
    return BrowserCookie(
        name=cookie["name"],
        value=Secret(cookie["value"]),
        domain=cookie["domain"],
        expires_at=float(expires) if expires >= 0 else None,
    )
