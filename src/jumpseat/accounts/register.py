"""What is known of the accounts that are kept, without their secrets: `accounts.json` under `JUMPSEAT_HOME`."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from jumpseat.model.credentials import Generation, Kind

KeepName = Literal["keyring", "encrypted", "plaintext"]
"""Where the secrets of an account are: the system keyring, the encrypted file, or a file as it is."""

Way = Literal["har", "browser", "device", "gh", "token", "cookies"]
"""How an account came here."""


class AccountRecord(Struct, frozen=True, kw_only=True):
    """One account that is kept; nothing in it is secret. Moments are in seconds since 1970."""

    kind: Kind
    name: str
    is_used: bool
    """Whether it is the one of its kind that answers."""
    keep: KeepName
    secret_id: str
    """Under which its credential is found in its keep."""
    way: Way
    added_at: float
    obtained_at: float | None = None
    expires_at: float | None = None
    generation: Generation = "classic"
    host: str | None = None
    person: str | None = None
    """Who the service says it is: a first name, or a login."""
