"""The cookies of one host, gathered from the entries of a recording in whatever order they come."""

from __future__ import annotations

from msgspec import Struct

from jumpseat.model.credentials import Secret
from jumpseat.recordings.entries import NEVER, Cookie, Entry
from jumpseat.recordings.sites import is_shown

MAX_COOKIES = 3000
"""Choice: as many are kept of one host. Browsers keep 180."""


class _Known(Struct, frozen=True):
    value: Secret
    at: float
    expires_at: float | None


class CookieJar:
    """
    What the newest request showed, and what was set since (HAR page, section 4).

    A blank value never replaces a good one. Choice: neither does one that ends at once, which is how a blank
    one is often set. What only older requests showed is left out: the browser had dropped it, or it was
    another sign-in's.
    """

    def __init__(self, host: str) -> None:
        self.host = host
        self._known: dict[str, _Known] = {}
        self._shown: frozenset[str] = frozenset()
        self._set_at: dict[str, float] = {}
        self.shown_at = NEVER
        """When the newest request was made that showed any; seconds since 1970."""

    def add(self, entry: Entry) -> None:
        """Take the cookies of an entry of this host."""
        at = entry.at
        shown = list(entry.shown_cookies())
        for cookie in shown:
            self._know(cookie, at)
        if shown and at >= self.shown_at:
            self._shown, self.shown_at = frozenset(cookie.name for cookie in shown), at
        for cookie in entry.set_cookies():
            ends_at_once = cookie.expires_at is not None and cookie.expires_at <= at
            if is_shown(cookie.domain, self.host) and not ends_at_once:
                self._know(cookie, at)
                if cookie.name in self._known or len(self._set_at) < MAX_COOKIES:
                    self._set_at[cookie.name] = max(at, self._set_at.get(cookie.name, NEVER))

    def cookies(self, now: float | None = None) -> dict[str, Secret]:
        """Names and values; those that have ended by `now` (seconds since 1970) are left out."""
        since = {name for name, at in self._set_at.items() if at >= self.shown_at}
        return {
            name: known.value
            for name, known in self._known.items()
            if (name in self._shown or name in since) and not _has_ended(known, now)
        }

    def expires_at(self, name: str) -> float | None:
        """When a cookie ends, where the recording says so; seconds since 1970."""
        known = self._known.get(name)
        return known.expires_at if known is not None else None

    def _know(self, cookie: Cookie, at: float) -> None:
        known = self._known.get(cookie.name)
        if not cookie.value or (known is not None and at < known.at):
            return
        if known is None and len(self._known) >= MAX_COOKIES:
            return
        value, expires_at = Secret(cookie.value), cookie.expires_at
        if expires_at is None and known is not None and known.value == value:
            # Requests do not repeat what the answer that set it said.
            expires_at = known.expires_at
        self._known[cookie.name] = _Known(value, at, expires_at)


def _has_ended(known: _Known, now: float | None) -> bool:
    return now is not None and known.expires_at is not None and known.expires_at <= now
