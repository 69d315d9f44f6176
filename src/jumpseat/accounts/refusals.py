"""The last time its service refused an account: noted where it happens, read by `jumpseat accounts`."""

from __future__ import annotations

import logging

import msgspec
from msgspec import Struct

from jumpseat.accounts.register import AccountRecord, is_simulated
from jumpseat.model.credentials import Account, Kind
from jumpseat.model.errors import (
    ConversationLost,
    HumanCheckRequired,
    JumpseatError,
    NotSignedIn,
    QuotaExceeded,
    StoreUnavailable,
    UpstreamRefused,
    VaultLocked,
)
from jumpseat.settings import Settings
from jumpseat.store.archive import Archive

log = logging.getLogger(__name__)

_OF_THE_QUESTION = frozenset({"content_filter", "mode_not_available", "not_found"})
"""Codes of refusals that say nothing of the account; `http_4xx` at GitHub is another."""


class Refusal(Struct, frozen=True, kw_only=True):
    """When an account was refused (seconds since 1970), and the code of the error."""

    at: float
    code: str


def concerns_account(error: JumpseatError) -> bool:
    """Whether an error tells something of the account, and not of what was asked."""
    if isinstance(error, (ConversationLost, VaultLocked)):
        return False
    if isinstance(error, UpstreamRefused):
        return error.code not in _OF_THE_QUESTION and not error.code.startswith("http_")
    return isinstance(error, (NotSignedIn, HumanCheckRequired, QuotaExceeded))


async def note_refusal(
    archive: Archive, settings: Settings, account: Account, error: JumpseatError, *, now: float
) -> None:
    """Keep it, if it is one of an account that is kept. A store that cannot is no second trouble."""
    if not account.is_kept or not concerns_account(error):
        return
    key = _key(account.kind, account.name, simulated=is_simulated(settings, account.kind))
    refusal = Refusal(at=now, code=error.code)
    try:
        await archive.set(key, msgspec.json.encode(refusal).decode())
    except StoreUnavailable as trouble:
        log.debug("the refusal is not noted: %s", trouble.message)


async def last_refusal(archive: Archive, record: AccountRecord) -> Refusal | None:
    """The last refusal since the account was signed in; None too where the store cannot say."""
    try:
        text = await archive.get(_key(record.kind, record.name, simulated=record.is_simulated))
    except StoreUnavailable as trouble:
        log.debug("no refusal is known: %s", trouble.message)
        return None
    if text is None:
        return None
    try:
        refusal = msgspec.json.decode(text, type=Refusal)
    except msgspec.MsgspecError:
        return None
    return refusal if refusal.at > record.added_at else None


def _key(kind: Kind, name: str, *, simulated: bool) -> str:
    return f"refusal {kind}/{name}{' (simulated)' if simulated else ''}"
