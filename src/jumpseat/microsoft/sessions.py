"""What we remember of an account while the process runs: kept per credential, never shared between two."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Mapping

from jumpseat.model.credentials import Account, Secret

MAX_SESSIONS = 256
"""Accounts remembered at once; the one that was used longest ago goes first."""


class AccountSession:
    """One account's session: its cookies as the service renews them, and what it told us."""

    def __init__(self, account: Account) -> None:
        self.client_session_id = str(uuid.uuid4())
        """Per tab on Microsoft's page (section 4); here one for as long as the process runs."""
        self.cookies: dict[str, Secret] = dict(account.credential.cookies)
        self.checked_until = 0.0
        """Until this moment (monotonic seconds) the service need not be asked who we are."""
        self.question_limit: int | None = None
        self.limit_until = 0.0
        self.lock = asyncio.Lock()

    def renew(self, cookies: Mapping[str, str]) -> None:
        """Take cookies from an answer; blank ones are left out already (section 3)."""
        for name, value in cookies.items():
            self.cookies[name] = Secret(value)


class Sessions:
    """The sessions of all accounts, found by what the account shows: a new token is a new session."""

    def __init__(self) -> None:
        self._sessions: dict[str, AccountSession] = {}

    def of(self, account: Account) -> AccountSession:
        """The session of `account`, new if need be."""
        key = _fingerprint(account)
        session = self._sessions.pop(key, None) or AccountSession(account)
        self._sessions[key] = session
        if len(self._sessions) > MAX_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return session


def _fingerprint(account: Account) -> str:
    """A digest: the table of sessions holds no secret of its own."""
    credential = account.credential
    token = credential.token.reveal() if credential.token else ""
    parts = [account.name, credential.identity_type or "", token]
    for name in sorted(credential.cookies):
        parts += (name, credential.cookies[name].reveal())
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
