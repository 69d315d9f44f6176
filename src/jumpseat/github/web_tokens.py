"""Web tokens of GitHub's chat: those that the user gave, and those that the account's cookies get."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.github.statuses import is_block
from jumpseat.github.web import WebToken, checked_token
from jumpseat.model.credentials import Account, Secret
from jumpseat.model.errors import NotSignedIn
from jumpseat.renewal import Fetch, Fresh, Keeper, elapsed

MAX_ACCOUNTS = 256
"""Accounts remembered; the one used longest ago goes first."""

FETCH_SECONDS = Timeouts().connect
"""A fetch serves all who wait, so the short patience of one of them does not end it earlier than this."""

AccountKey = tuple[str, Secret | None, frozenset[tuple[str, Secret]]]

FetchToken = Callable[[Account, float], Awaitable[WebToken]]
"""Fetch a token with the account's cookies, within so many seconds."""


def key_of(account: Account) -> AccountKey:
    """What belongs to one sign-in and no other: callers who show different secrets share nothing."""
    credential = account.credential
    return account.name, credential.token, frozenset(credential.cookies.items())


class WebTokens:
    """
    The tokens of all accounts. A token that the user gave is used until it ends or is refused.

    `now` is the wall clock, in seconds since 1970: it is asked only whether a given token has ended. `clock`
    counts the lives of the others.
    """

    def __init__(
        self,
        fetch: FetchToken,
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = elapsed,
    ) -> None:
        self._fetch = fetch
        self._now = now
        self._keeper = Keeper[AccountKey, Secret](capacity=MAX_ACCOUNTS, stops=is_block, clock=clock)

    async def current(self, account: Account, deadlines: Deadlines) -> Secret:
        """The token to show now. Raises `NotSignedIn` where there is nothing to get one with."""
        key, credential = key_of(account), account.credential
        if not credential.cookies and credential.token is None:
            raise NotSignedIn(
                "jumpseat has no sign-in for GitHub's web chat: `jumpseat login github-web --cookies FILE`, "
                "with the cookies of github.com from your browser (`user_session` is the one that counts)."
            )
        is_shown = credential.is_fresh(self._now()) or not credential.cookies
        # One that was replaced before was refused, or has ended.
        if credential.token and is_shown and not self._keeper.knows(key):
            return checked_token(credential.token)
        seconds = deadlines.seconds_for("connect")
        try:
            return await self._keeper.current(key, self._fetch_for(account, seconds), seconds)
        except TimeoutError as exc:
            raise deadlines.expired("connect", may_be_delivered=False) from exc

    async def renewed(self, account: Account, refused: Secret, deadlines: Deadlines) -> Secret | None:
        """Another token than the `refused` one; None if the account has no cookies to get one with."""
        if not account.credential.cookies:
            return None
        key, seconds = key_of(account), deadlines.seconds_for("connect")
        try:
            return await self._keeper.renewed(key, refused, self._fetch_for(account, seconds), seconds)
        except TimeoutError as exc:
            raise deadlines.expired("connect", may_be_delivered=False) from exc

    def _fetch_for(self, account: Account, seconds: float) -> Fetch[Secret]:
        async def fetch() -> Fresh[Secret]:
            token = await self._fetch(account, max(FETCH_SECONDS, seconds))
            return Fresh(token.token, token.seconds)

        return fetch

    async def aclose(self) -> None:
        """End what is on its way. Idempotent."""
        await self._keeper.aclose()
