"""What every sign-in ends with: a live check, a name, a place in the vault, and what was found, in words."""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from jumpseat.accounts.register import AccountRecord, Way, checked_name
from jumpseat.accounts.vault import Vault
from jumpseat.cli import phrases
from jumpseat.cli.output import note, say
from jumpseat.cli.passphrase import type_unseen
from jumpseat.cli.plain import one_line
from jumpseat.model.credentials import SERVICE_NAMES, Account, Credential, Generation, Kind, Secret
from jumpseat.model.errors import InvalidRequest, JumpseatError, NotSignedIn

DEFAULT_NAME = "default"
MAX_TOKEN_CHARS = 16 * 1024
"""Chat tokens have about 2.4 KB (classic protocol, section 15)."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Keeping:
    """The options that all ways of signing in have."""

    name: Annotated[str | None, Parameter(alias="-n")] = None
    """What to call the account; without it the one of this service that is used now is renewed."""

    plaintext: Annotated[bool, Parameter(negative="")] = False
    """Keep the credential in a file as it is, readable by you alone: not in a keyring, and not encrypted."""

    no_check: Annotated[bool, Parameter(negative="")] = False
    """Do not ask the service whether it accepts the sign-in."""


Identify = Callable[[Account], Awaitable[str | None]]
"""Asks the service who an account is; None where it does not say. Raises `NotSignedIn` when it refuses it."""


async def keep(
    vault: Vault, kind: Kind, credential: Credential, way: Way, options: Keeping, identify: Identify
) -> AccountRecord:
    """
    Check a credential, keep it and say so.

    Raises `NotSignedIn` for one that the service refuses, and what the vault raises; nothing is kept then.
    """
    person = None
    if not options.no_check:
        person = await _check(Account(kind=kind, name="new", credential=credential), identify)
    name = choose_name(vault, kind, options.name, person, credential.generation)
    record = vault.save(kind, name, credential, way=way, person=person, plaintext=options.plaintext)
    for line in describe(record, credential, now=time.time(), was_checked=not options.no_check):
        say(line)
    if not record.is_used:
        used = next((one.name for one in vault.records() if one.kind == kind and one.is_used), "")
        note(f"note: {used or 'no account'} is used as before. `jumpseat accounts use {name}` changes that.")
    return record


async def _check(account: Account, identify: Identify) -> str | None:
    if account.credential.generation == "chathub":
        note("note: whether it works could not be checked: this version cannot ask Copilot's newer chat yet")
        return None
    try:
        return await identify(account)
    except NotSignedIn as error:
        raise type(error)(
            f"nothing was kept, for the service refuses this sign-in: {error.message}"
        ) from error
    except JumpseatError as error:
        # Choice: only a refusal of the sign-in itself is a reason to drop it.
        note(f"note: whether it works could not be checked: {one_line(error.message)}")
        return None


def find_place(vault: Vault, kind: Kind, options: Keeping) -> str:
    """
    Before anybody takes the trouble of signing in: is there a place for it, and a name?

    Raises what `Vault.choose_keep` and `choose_name` do.
    """
    vault.choose_keep(plaintext=options.plaintext)
    return choose_name(vault, kind, options.name, None)


def choose_name(
    vault: Vault, kind: Kind, wanted: str | None, person: str | None, generation: Generation = "classic"
) -> str:
    """
    The name under which a sign-in is kept: the wanted one, else that of the account it renews.

    Raises `InvalidRequest` for what is no name, and rather than put one person's sign-in in another's place,
    or one that this version cannot ask with in the place of one that it can.
    """
    if wanted is not None:
        return checked_name(wanted)
    mine = [record for record in vault.records() if record.kind == kind]
    used = next((record for record in mine if record.is_used), mine[0] if len(mine) == 1 else None)
    if used is None:
        if mine:
            names = ", ".join(record.name for record in mine)
            raise InvalidRequest(
                f"several accounts are kept ({names}): say which with --name, or a new name."
            )
        return DEFAULT_NAME
    if person and used.person and person != used.person:
        raise InvalidRequest(
            f"the account {used.name} is {used.person}'s, and this sign-in is {person}'s. "
            f"Give it a name of its own: --name {phrases.slug(person) or 'other'}"
        )
    if generation == "chathub" and used.generation == "classic":
        raise InvalidRequest(
            "this sign-in is for Copilot's newer chat, which this version does not speak yet, and the "
            f"account {used.name} is for the one it speaks. Keep it beside that one: --name newer"
        )
    return used.name


def describe(
    record: AccountRecord, credential: Credential, *, now: float, was_checked: bool = True
) -> list[str]:
    """What was kept, without any value of it."""
    service = SERVICE_NAMES[record.kind]
    first = f"Signed in to {service}{f' as {one_line(record.person)}' if record.person else ''}."
    if not was_checked:
        first = f"Kept for {service}, without asking whether it is accepted."
    rows = [
        ("account", f"{record.name}{' (used from now on)' if record.is_used else ''}"),
        ("kept in", phrases.KEEPS[record.keep]),
        ("chat", phrases.CHATS[record.generation] if record.kind == "microsoft" else ""),
        ("token", _token(record, credential, now)),
        ("cookies", str(len(credential.cookies)) if credential.cookies else ""),
    ]
    return [first] + [f"  {label:9} {value}" for label, value in rows if value]


def _token(record: AccountRecord, credential: Credential, now: float) -> str:
    if credential.token is None:
        return _NO_TOKEN[record.kind]
    if record.expires_at is None:
        return _NO_END[record.kind]
    end = phrases.end(record.expires_at, now)
    return end if record.obtained_at is None else f"{phrases.age(now - record.obtained_at)} old; {end}"


_NO_TOKEN: Mapping[Kind, str] = {
    "microsoft": "none: with cookies alone, Copilot may answer as if nobody were signed in",
    "github": "none",
    "github-web": "comes by the cookies, with the first question",
}
_NO_END: Mapping[Kind, str] = {
    "microsoft": "of unknown age; it lives about an hour",
    "github": "lasts until it is taken back at GitHub",
    "github-web": "of unknown age; it lives about an hour",
}


def read_token() -> Secret:
    """
    A token from standard input: typed unseen at a terminal, else the one line that comes.

    Raises `InvalidRequest` for what cannot be one; what was read is never repeated.
    """
    if sys.stdin.isatty():
        typed = type_unseen("Token (it is not shown): ")
        text = typed.reveal().strip() if typed else ""
    else:
        # Bytes: what is no text makes an error that holds all of it.
        text = sys.stdin.buffer.read(MAX_TOKEN_CHARS + 1).decode("ascii", "replace").strip()
    if not text or len(text) > MAX_TOKEN_CHARS or not text.isascii() or len(text.split()) != 1:
        raise InvalidRequest("that is no token: give one word of ASCII on standard input, and nothing else.")
    return Secret(text.removeprefix("Bearer").strip() or text)
