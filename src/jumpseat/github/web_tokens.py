"""Web tokens of GitHub's chat: kept per account until they end, and fetched once for all who wait."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.github.web import WebToken, checked_token
from jumpseat.model.credentials import Account, Secret
from jumpseat.model.errors import NotSignedIn, UpstreamBroke

MARGIN_SECONDS = 60.0
"""A token is not used in the last minute of its life: the question should not overtake its end."""

MAX_ACCOUNTS = 256
"""Accounts remembered; the one used longest ago goes first."""

FETCH_SECONDS = Timeouts().connect
"""A fetch serves all who wait, so the short patience of one of them does not end it earlier than this."""

AccountKey = tuple[str, Secret | None, frozenset[tuple[str, Secret]]]

Fetch = Callable[[Account, float], Awaitable[WebToken]]
"""Fetch a token with the account's cookies, within so many seconds."""


def key_of(account: Account) -> AccountKey:
    """What belongs to one sign-in and no other: callers who show different secrets share nothing."""
    credential = account.credential
    return account.name, credential.token, frozenset(credential.cookies.items())


class _Fetching:
    """A fetch on its way, and how many wait for it."""

    __slots__ = ("task", "waiting")

    def __init__(self, task: asyncio.Task[WebToken]) -> None:
        self.task = task
        self.waiting = 0


class WebTokens:
    """The tokens of all accounts. A token that the user gave is used until it ends or is refused."""

    def __init__(self, fetch: Fetch, *, now: Callable[[], float] = time.time) -> None:
        self._fetch = fetch
        self._now = now
        self._kept: OrderedDict[AccountKey, WebToken] = OrderedDict()
        self._fetching: dict[AccountKey, _Fetching] = {}

    async def current(self, account: Account, deadlines: Deadlines) -> Secret:
        """The token to show now. Raises `NotSignedIn` where there is nothing to get one with."""
        key, credential, now = key_of(account), account.credential, self._now()
        kept = self._kept.get(key)
        if kept is not None and now < kept.expires_at - MARGIN_SECONDS:
            self._kept.move_to_end(key)
            return kept.token
        if not credential.cookies and credential.token is None:
            raise NotSignedIn(
                "jumpseat has no sign-in for GitHub's web chat: set JUMPSEAT_GITHUB_COOKIES to a cookie JSON "
                "or HAR file of github.com (`user_session` is the one that counts), or hand over a token of "
                "the web chat."
            )
        # One that was replaced before was refused, or has ended.
        if credential.token and kept is None and (credential.is_fresh(now) or not credential.cookies):
            return checked_token(credential.token)
        return await self._fresh(key, account, deadlines)

    async def renewed(self, account: Account, refused: Secret, deadlines: Deadlines) -> Secret | None:
        """Another token than the `refused` one; None if the account has no cookies to get one with."""
        if not account.credential.cookies:
            return None
        key = key_of(account)
        kept = self._kept.get(key)
        if kept is not None and kept.token != refused:
            return kept.token  # Somebody else was refused as well, and came first.
        return await self._fresh(key, account, deadlines)

    async def _fresh(self, key: AccountKey, account: Account, deadlines: Deadlines) -> Secret:
        """Wait for the one fetch that is on its way, or begin it. It ends early when the last one leaves."""
        fetch = self._fetching.get(key)
        if fetch is None:
            seconds = max(FETCH_SECONDS, deadlines.seconds_for("connect"))
            fetch = _Fetching(asyncio.create_task(self._fetch_and_keep(key, account, seconds)))
            fetch.task.add_done_callback(lambda _: self._forget(key, fetch))
            self._fetching[key] = fetch
        fetch.waiting += 1
        try:
            token = await deadlines.wait(asyncio.shield(fetch.task), "connect", may_be_delivered=False)
        except asyncio.CancelledError as exc:
            waiter = asyncio.current_task()
            if fetch.task.cancelled() and waiter is not None and not waiter.cancelling():
                raise UpstreamBroke(
                    "the client was closed while it waited for a token: open a new one"
                ) from exc
            raise
        finally:
            fetch.waiting -= 1
            if not fetch.waiting and not fetch.task.done():
                self._forget(key, fetch)
                fetch.task.cancel()
        return token.token

    async def _fetch_and_keep(self, key: AccountKey, account: Account, seconds: float) -> WebToken:
        token = await self._fetch(account, seconds)
        self._kept[key] = token
        self._kept.move_to_end(key)
        if len(self._kept) > MAX_ACCOUNTS:
            self._kept.popitem(last=False)
        return token

    def _forget(self, key: AccountKey, fetch: _Fetching) -> None:
        if self._fetching.get(key) is fetch:
            del self._fetching[key]

    async def aclose(self) -> None:
        """End what is on its way. Idempotent."""
        tasks = [fetch.task for fetch in self._fetching.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
