"""Secrets, and the credentials of one account."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct


class Secret:
    """A string that must be asked to show itself: reveal it in the line that sends it, nowhere else."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled: it would rest in the open")


NO_COOKIES: Mapping[str, Secret] = MappingProxyType({})


class Credential(Struct, frozen=True, kw_only=True):
    """
    What one account shows to its service.

    `token` is the chat token at Microsoft and the short-lived web token at GitHub; `cookies` are the site's.
    `expires_at` is a moment in seconds since 1970, None when nobody said.
    """

    token: Secret | None = None
    cookies: Mapping[str, Secret] = NO_COOKIES
    identity_type: str | None = None
    """`google` and the like, for federated Microsoft sign-ins (`X-UserIdentityType`)."""
    expires_at: float | None = None

    @property
    def is_anonymous(self) -> bool:
        return self.token is None and not self.cookies

    def is_fresh(self, now: float) -> bool:
        """Whether the token is not known to have expired at `now` (seconds since 1970)."""
        return self.expires_at is None or now < self.expires_at


class Account(Struct, frozen=True, kw_only=True):
    """One sign-in at one service, by the name the person knows it by."""

    service: str
    """`microsoft` or `github`."""
    name: str
    credential: Credential
