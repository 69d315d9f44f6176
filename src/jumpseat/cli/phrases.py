"""How accounts are spoken of: keeps, chats, ages and ends."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jumpseat.accounts.register import KeepName
from jumpseat.cli.tables import moment
from jumpseat.model.credentials import Generation

KEEPS: Mapping[KeepName, str] = {
    "keyring": "the system keyring",
    "encrypted": "an encrypted file",
    "plaintext": "a plain file",
}
SHORT_KEEPS: Mapping[KeepName, str] = {
    "keyring": "keyring",
    "encrypted": "encrypted file",
    "plaintext": "plain file",
}
CHATS: Mapping[Generation, str] = {
    "classic": "copilot.microsoft.com",
    "chathub": "copilot.com, the newer one, which this version does not speak yet",
}

_LONGEST = 1e10
"""Three centuries: more are none, and would fill the screen with digits."""
_UNITS = ((86400.0, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second"))


def age(seconds: float) -> str:
    """A span of time in its largest unit that fits; one from a clock that is behind counts as none."""
    seconds = min(max(0.0, seconds), _LONGEST)
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), _UNITS[-1])
    count = int(seconds // size)
    return f"{count} {unit}{'' if count == 1 else 's'}"


def end(at: float, now: float) -> str:
    """When a token ends, or ended, as far as anybody knows."""
    if at <= now:
        return f"presumed to have ended {age(now - at)} ago"
    return f"presumed to end in {age(at - now)} ({moment(at)[-5:]})"


def short_end(at: float, now: float) -> str:
    """The same for a column that is called so."""
    return f"{age(now - at)} ago" if at <= now else f"in {age(at - now)}"


def slug(person: str) -> str:
    """A person's name as the name of an account."""
    return re.sub(r"[^a-z0-9]+", "-", person.lower()).strip("-")
