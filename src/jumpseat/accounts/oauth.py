"""Sign-ins at GitHub that end and can be renewed: those of GitHub Apps, which give a refresh token too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from jumpseat.accounts.register import AccountRecord
from jumpseat.accounts.vault import Vault
from jumpseat.github.copilot_tokens import identify_oauth, refresh_oauth
from jumpseat.model.credentials import Account, Credential, Kind
from jumpseat.model.errors import NotSignedIn, StoreUnavailable
from jumpseat.settings import Settings
from jumpseat.store.home import make_private_file
from jumpseat.transport.wire import Transport

LOCK = "renewing.lock"
LOCK_SECONDS = 30.0
"""How long we wait for another process that renews a sign-in."""

DUE_AT = 0.8
"""Part of its life after which a sign-in is renewed."""


def is_due(credential: Credential, now: float) -> bool:
    """Whether it is time to renew: 80 % of its life have passed. False for one that cannot be renewed."""
    if credential.refresh_token is None or credential.expires_at is None:
        return False
    life = credential.expires_at - (credential.obtained_at or credential.expires_at)
    return now >= credential.expires_at - (1 - DUE_AT) * life


async def lend(
    vault: Vault,
    record: AccountRecord,
    transport: Transport,
    settings: Settings,
    *,
    refused: Credential | None = None,
    now: Callable[[], float] = time.time,
) -> Credential:
    """
    The credential of an account that is kept, renewed before if it is time, or if it is the `refused` one.

    GitHub takes a refresh token once, so one process at a time renews, and the others take over what it kept.
    Raises `NotSignedIn` when it cannot be renewed, and what the vault raises.
    """

    def is_good(credential: Credential) -> bool:
        is_refused = refused is not None and credential.refresh_token == refused.refresh_token
        return not (is_refused or is_due(credential, now()))

    credential = await asyncio.to_thread(vault.credential, record)
    if is_good(credential) or credential.refresh_token is None:
        return credential
    lock = await asyncio.to_thread(_locked, settings.home / LOCK)
    try:
        record = await asyncio.to_thread(_current, vault, record.kind, record.name)
        credential = await asyncio.to_thread(vault.credential, record)
        if is_good(credential):
            return credential

        async def keep(renewed: Credential) -> None:
            await asyncio.to_thread(vault.update, record, renewed)

        return await refresh_oauth(transport, settings, credential, keep, now=now)
    finally:
        lock.release()


async def identify(vault: Vault, account: Account, transport: Transport, settings: Settings) -> str:
    """
    The login of whose account this is; one that GitHub refuses is renewed once, whatever the clock says.

    Raises `NotSignedIn` when that does not help either.
    """
    try:
        return await identify_oauth(transport, settings, account.credential)
    except NotSignedIn:
        if account.credential.refresh_token is None:
            raise
    record = await asyncio.to_thread(_current, vault, account.kind, account.name)
    renewed = await lend(vault, record, transport, settings, refused=account.credential)
    return await identify_oauth(transport, settings, renewed)


def _locked(path: Path) -> FileLock:
    make_private_file(path)
    # Taken in one thread and released in another.
    lock = FileLock(path, timeout=LOCK_SECONDS, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise StoreUnavailable(
            f"another jumpseat has renewed a sign-in for {LOCK_SECONDS:g} s: end it, and try again"
        ) from None
    return lock


def _current(vault: Vault, kind: Kind, name: str) -> AccountRecord:
    """The record of an account as it is now."""
    for record in vault.records():
        if (record.kind, record.name) == (kind, name):
            return record
    raise NotSignedIn(f"the account {name} was removed meanwhile: run `jumpseat login {kind}`")
