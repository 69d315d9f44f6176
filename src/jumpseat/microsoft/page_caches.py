"""
The tokens that Microsoft's page keeps in localStorage.

MSAL's cache, and Auth0's for Google and Apple sign-ins (classic page, section 15). Entries of odd types are
passed over, and tokens are never decoded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from jumpseat.model.credentials import Secret
from jumpseat.recordings.tokens import secret_of

Objects = Mapping[str, Mapping[str, Any]]

CHAT_AI = "140e65af-45d1-4427-bf08-3e7295db6836/ChatAI.ReadWrite"
"""What the classic chat's token is for."""

_AUTH0_AUDIENCE = "https://copilot.microsoft.com"
_AUTH0 = "@@auth0spajs@@"
_AUTH0_USER = "@@user@@"
_IDENTITY_TYPES = {"google-oauth2": "google", "apple": "apple"}
_END_OF_TIME = 253402300800.0  # The year 10000, where calendars end.
_SLACK = 300.0
"""Choice: seconds by which a moment may lie ahead before the clock must have been set back since."""


class CachedToken(Struct, frozen=True, kw_only=True):
    """An access token, with what the cache says of it. Moments are in seconds since 1970."""

    token: Secret
    target: str
    """The scopes it is for."""
    obtained_at: float | None = None
    expires_at: float | None = None
    identity_type: str | None = None
    home: str = ""
    """MSAL's name for the account: `<object>.<tenant>`."""

    def has_ended(self, now: float) -> bool:
        return self.expires_at is not None and self.expires_at <= now


def objects_in(storage: Mapping[str, str]) -> Objects:
    """The entries of a localStorage that are JSON objects."""
    return {key: value for key, text in storage.items() if (value := _object(text)) is not None}


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_encrypted(value: Mapping[str, Any]) -> bool:
    """Whether this is an entry of MSAL's encrypted cache (version 4 and later)."""
    return all(isinstance(value.get(name), str) for name in ("id", "nonce", "data"))


def msal_tokens(values: Iterable[Mapping[str, Any]], now: float) -> Iterator[CachedToken]:
    """The access tokens that stand in MSAL's cache in plain, whatever the version of its keys."""
    for value in values:
        match value:
            case {"credentialType": "AccessToken", "secret": str(secret), "target": str(target)} if (
                token := secret_of(secret)
            ):
                home = value.get("homeAccountId")
                obtained_at, expires_at = _moments(value.get("cachedAt"), value.get("expiresOn"), now)
                yield CachedToken(
                    token=token,
                    target=target,
                    obtained_at=obtained_at,
                    expires_at=expires_at,
                    home=home if isinstance(home, str) else "",
                )


def auth0_tokens(objects: Objects, now: float) -> Iterator[CachedToken]:
    """The access tokens for Copilot in Auth0's cache: `@@auth0spajs@@::<clientId>::<audience>::<scope>`."""
    for key, value in objects.items():
        name, client_id, audience = [*key.split("::"), "", ""][:3]
        if name != _AUTH0 or audience != _AUTH0_AUDIENCE:
            continue
        match value.get("body"):
            case {"access_token": str(secret)} as body if token := secret_of(secret):
                user = objects.get(f"{_AUTH0}::{client_id}::{_AUTH0_USER}", {})
                yield CachedToken(
                    token=token,
                    target=CHAT_AI,
                    expires_at=_number(value.get("expiresAt")),
                    identity_type=_identity_type(body) or _identity_type(user),
                )


def _identity_type(holder: object) -> str | None:
    """How the person signed in, by the id of the user: `google-oauth2|…`, `apple|…`."""
    match holder:
        case {"decodedToken": {"user": {"sub": str(user_id)}} | {"claims": {"sub": str(user_id)}}}:
            return _IDENTITY_TYPES.get(user_id.partition("|")[0])
    return None


def _moments(obtained: object, ends: object, now: float) -> tuple[float | None, float | None]:
    """
    When a token was given and when it ends, as the cache says; None where it does not.

    Both were written by this machine's clock. A token from the future was written before the clock was set
    back: then nothing is known.
    """
    obtained_at, expires_at = _number(obtained), _number(ends)
    if obtained_at is not None and obtained_at > now + _SLACK:
        return None, None
    return obtained_at, expires_at


def _number(value: object) -> float | None:
    """A number of seconds, which may be written as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 < number < _END_OF_TIME else None
