"""The end of sign-ins that cannot renew themselves: when it is told, and the one command to type."""

from __future__ import annotations

import math

from msgspec import Struct

from jumpseat.accounts.recorded import RECORDED
from jumpseat.accounts.register import AccountRecord
from jumpseat.model.credentials import LOGIN_COMMANDS, SERVICE_NAMES, Account, Kind

SOON_SECONDS = 600.0
"""How long before the presumed end the person is told."""


class _SignIn(Struct, frozen=True):
    """What of an account, or of what is known of one, says when it ends and who mends it."""

    kind: Kind
    name: str
    ends_at: float | None
    is_named: bool
    """Whether the command must say which account is meant."""
    is_set: bool
    """Whether a setting named it, which goes before whatever a login keeps."""


def notice(account: Account | AccountRecord, now: float) -> str | None:
    """
    What to tell the owner of a sign-in that ends soon, or has ended; None where there is nothing to tell.

    `now` is in seconds since 1970. The end is presumed (HAR page, section 4): only a live call can tell, so
    nothing is refused for it. A sign-in that renews itself never ends.
    """
    sign_in = _from_record(account) if isinstance(account, AccountRecord) else _from_account(account)
    if sign_in.ends_at is None or sign_in.ends_at - now > SOON_SECONDS:
        return None
    left = sign_in.ends_at - now
    when = f"will presumably end in {_minutes(left)}" if left > 0 else "has presumably ended"
    return (
        f"the sign-in to {SERVICE_NAMES[sign_in.kind]} ({sign_in.name}) {when}, and cannot renew itself. "
        f"Sign in again: {_command(sign_in)}"
    )


class Reminder:
    """Tells of each end twice: when it is near, and when it is there."""

    def __init__(self) -> None:
        self._told: set[tuple[Kind, str, float, bool]] = set()

    def of(self, account: Account, now: float) -> str | None:
        """The notice, if it was not given before."""
        text, ends_at = notice(account, now), account.credential.expires_at
        if text is None or ends_at is None:
            return None
        key = (account.kind, account.name, ends_at, ends_at <= now)
        if key in self._told:
            return None
        self._told.add(key)
        return text


def _from_account(account: Account) -> _SignIn:
    credential = account.credential
    ends_at = None if _renews(account) else credential.expires_at
    is_set = not account.is_kept and account.name != RECORDED
    return _SignIn(account.kind, account.name, ends_at, is_named=False, is_set=is_set)


def _renews(account: Account) -> bool:
    credential = account.credential
    if account.kind == "github-web":
        # Choice: cookies last until the service refuses them; they get web tokens in time.
        return bool(credential.cookies)
    return account.kind == "github" and credential.refresh_token is not None


def _from_record(record: AccountRecord) -> _SignIn:
    # A record does not say what renews; only these ways give a sign-in that nothing renews.
    ends = record.kind == "microsoft" or (record.kind == "github-web" and record.way == "token")
    ends_at = record.expires_at if ends else None
    return _SignIn(record.kind, record.name, ends_at, is_named=not record.is_used, is_set=False)


def _command(sign_in: _SignIn) -> str:
    name = f" --name {sign_in.name}" if sign_in.is_named else ""
    unset = " (and unset what it comes from now, which goes before)" if sign_in.is_set else ""
    return f"`{LOGIN_COMMANDS[sign_in.kind]}{name}`{unset}"


def _minutes(seconds: float) -> str:
    count = math.ceil(seconds / 60)
    return f"{count} minute{'' if count == 1 else 's'}"
