"""The accounts: is each there, fresh, and accepted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from jumpseat.accounts.register import AccountRecord
from jumpseat.accounts.vault import Vault
from jumpseat.cli import phrases
from jumpseat.cli.accounts import unused
from jumpseat.cli.doctor.check import Check, ok, remark, wrong
from jumpseat.cli.plain import one_line
from jumpseat.model.credentials import LOGIN_COMMANDS, SERVICE_NAMES, Account, Credential
from jumpseat.model.errors import JumpseatError, NotSignedIn, StoreUnavailable, VaultLocked

Identify = Callable[[Account], Awaitable[str | None]]
"""Asks the service who an account is. Raises `NotSignedIn` when it refuses it."""

CredentialOf = Callable[[AccountRecord], Awaitable[Credential]]
"""Gets an account's credential, renewed where it is time and possible."""

AGAIN = "jumpseat doctor"


async def accounts(
    vault: Vault, credential_of: CredentialOf, identify: Identify, overriding: Sequence[str]
) -> list[Check]:
    """Every account that is kept, and what counts more than they do."""
    try:
        records = await asyncio.to_thread(vault.records)
    except JumpseatError as error:
        return [wrong("accounts", one_line(error.message))]
    checks = [await _account(record, credential_of, identify) for record in records]
    if not records:
        checks.append(remark("accounts", "nobody is signed in", LOGIN_COMMANDS["microsoft"]))
    for kind, names in unused(records).items():
        text = f"no account of {SERVICE_NAMES[kind]} is used; kept: {', '.join(names)}"
        checks.append(wrong("accounts", text, f"jumpseat accounts use {names[0]}"))
    if overriding:
        text = f"{', '.join(overriding)} set: that answers before any account kept"
        checks.append(remark("accounts", text, f"unset {' '.join(overriding)}"))
    return checks


async def _account(record: AccountRecord, credential_of: CredentialOf, identify: Identify) -> Check:
    """Present, fresh, accepted by a live call: the first that is not so is told."""
    name, login = f"{record.kind} {record.name}", _login(record)
    try:
        credential = await credential_of(record)
    except (VaultLocked, StoreUnavailable) as error:
        return wrong(name, one_line(error.message))  # What to do about the file says the message.
    except JumpseatError as error:
        return wrong(name, one_line(error.message), login)
    if credential.generation == "chathub":
        return remark(name, "kept for Copilot's newer chat, which this version does not speak yet")
    end = "" if record.expires_at is None else f", {phrases.end(record.expires_at, time.time())}"
    try:
        person = await identify(Account(kind=record.kind, name=record.name, credential=credential))
    except NotSignedIn as error:
        # The rest of the message is the advice, without the name of the account.
        why = one_line(error.message).partition(". ")[0].rstrip(".")
        return wrong(name, f"not accepted{end}: {why}", login)
    except JumpseatError as error:
        return remark(name, f"present{end}; could not be checked: {one_line(error.message)}", AGAIN)
    whose = f" as {one_line(person)}" if person else ""
    return ok(name, f"accepted{whose}{end}{', used' if record.is_used else ''}")


def _login(record: AccountRecord) -> str:
    return f"{LOGIN_COMMANDS[record.kind]} --name {record.name}"
