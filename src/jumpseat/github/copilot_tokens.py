"""OAuth tokens of GitHub at work: exchanged for short-lived ones, asked whose they are, renewed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from jumpseat.deadlines import Deadlines, Timeouts
from jumpseat.github import tokens
from jumpseat.github.hosts import Site, site_of
from jumpseat.github.statuses import is_block
from jumpseat.github.tokens import CopilotToken, NoExchange
from jumpseat.github.web_tokens import FETCH_SECONDS, MAX_ACCOUNTS, AccountKey, key_of
from jumpseat.model.credentials import Account, Credential, Secret
from jumpseat.model.errors import NotSignedIn, UpstreamTimeout
from jumpseat.renewal import Fetch, Fresh, Keeper, elapsed
from jumpseat.settings import LOOPBACK, Settings
from jumpseat.transport.wire import Response, Transport, WireFailed

NO_EXCHANGE_SECONDS = 3600.0
"""Choice: how long it is believed that there is no exchange for a token."""

_log = logging.getLogger(__name__)

Exchanged = CopilotToken | NoExchange

KeepCredential = Callable[[Credential], Awaitable[object]]
"""Keeps a renewed credential where the old one was kept, durably."""


class CopilotTokens:
    """
    Exchanged tokens of all accounts: the "editor door" (API page, sections 1 and 4).

    The exchange is meant for GitHub's own clients, so it is opt-in: the upstream of the API asks it only for
    accounts whose settings say so. The OAuth token goes to the account's own GitHub alone, and the exchanged
    one is for the address that comes with it. After an abuse refusal nothing more is asked for that account.
    """

    def __init__(
        self,
        settings: Settings,
        transport: Transport,
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = elapsed,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._now = now
        self._keeper = Keeper[AccountKey, Exchanged](capacity=MAX_ACCOUNTS, stops=is_block, clock=clock)

    async def current(self, account: Account, deadlines: Deadlines) -> Exchanged:
        """The token to show now, or `NoExchange`: then the OAuth token itself is to be shown."""
        seconds = deadlines.seconds_for("connect")
        fetch = self._fetch_for(account.credential, seconds)
        try:
            return await self._keeper.current(key_of(account), fetch, seconds)
        except TimeoutError as exc:
            raise deadlines.expired("connect", may_be_delivered=False) from exc

    async def renewed(self, account: Account, refused: CopilotToken, deadlines: Deadlines) -> Exchanged:
        """Another token than the `refused` one."""
        seconds = deadlines.seconds_for("connect")
        fetch = self._fetch_for(account.credential, seconds)
        try:
            return await self._keeper.renewed(key_of(account), refused, fetch, seconds)
        except TimeoutError as exc:
            raise deadlines.expired("connect", may_be_delivered=False) from exc

    def _fetch_for(self, credential: Credential, seconds: float) -> Fetch[Exchanged]:
        async def fetch() -> Fresh[Exchanged]:
            site = _site(self._settings, credential)
            call = tokens.exchange_call(site)
            limit = max(FETCH_SECONDS, seconds)
            answer = await _ask(self._transport, call.url, call.headers, credential, limit)
            read = tokens.read_exchange(answer, site, at=self._now())
            return Fresh(read, read.seconds if isinstance(read, CopilotToken) else NO_EXCHANGE_SECONDS)

        return fetch

    async def aclose(self) -> None:
        """End what is on its way; the transport stays open, for it is not ours. Idempotent."""
        await self._keeper.aclose()


async def identify_oauth(
    transport: Transport,
    settings: Settings,
    credential: Credential,
    *,
    now: Callable[[], float] = time.time,
    seconds: float = Timeouts().connect,
) -> str:
    """
    The login name of whose OAuth token this is, asked of the GitHub that granted it.

    Raises `NotSignedIn` if GitHub takes it no more, and the other errors of `api_statuses`.
    """
    site = _site(settings, credential)
    call = tokens.user_call(site)
    answer = await _ask(transport, call.url, call.headers, credential, seconds)
    return tokens.read_user(answer, site, at=now())


async def refresh_oauth(
    transport: Transport,
    settings: Settings,
    credential: Credential,
    keep: KeepCredential,
    *,
    now: Callable[[], float] = time.time,
    seconds: float = Timeouts().connect,
) -> Credential:
    """
    The credential renewed by its refresh token, as GitHub Apps with expiring tokens have one.

    GitHub gives another refresh token with it and takes the old one no more, so the new credential is given
    to `keep` before anybody uses it, also when the caller is cancelled meanwhile; of `keep`'s errors the
    caller hears. Two processes that renew the same credential at once can lose it: one at a time.

    Raises `NotSignedIn` where there is no refresh token, or GitHub takes it no more.
    """
    if credential.refresh_token is None or credential.client_id is None:
        raise NotSignedIn("this sign-in cannot be renewed: run `jumpseat login github` again.")
    site = _site(settings, credential)
    call = tokens.refresh_call(site, credential.client_id)
    form, refresh_token = call.form, credential.refresh_token

    async def refresh() -> Credential:
        answer = await transport.request(
            "POST",
            call.url,
            headers=call.headers,
            body=urlencode({**form, "refresh_token": refresh_token.reveal()}).encode(),
            timeout=seconds,
        )
        renewed = tokens.read_refresh(answer, site, credential, at=now())
        await keep(renewed)
        return renewed

    return await _to_its_end(refresh())


async def _to_its_end(work: Awaitable[Credential]) -> Credential:
    """Await work that goes on to its end when the caller is cancelled, who is held up until then."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        if not task.cancelled() and (error := task.exception()):
            _log.warning("the renewed sign-in was not kept: %s", error)
        raise


def _site(settings: Settings, credential: Credential) -> Site:
    # A sign-in at a stand-in on this machine has no host but that.
    is_local = credential.host is None or credential.host in LOOPBACK
    return site_of(settings, None if is_local else credential.host)


async def _ask(
    transport: Transport, url: str, headers: Mapping[str, str], credential: Credential, seconds: float
) -> Response:
    """Show the OAuth token to its own GitHub."""
    if credential.token is None:
        raise NotSignedIn(
            "jumpseat has no sign-in for GitHub: run `jumpseat login github`, or set JUMPSEAT_GITHUB_TOKEN."
        )
    shown = _authorization(credential.token)
    try:
        return await transport.request(
            "GET", url, headers={**headers, "Authorization": shown.reveal()}, timeout=seconds
        )
    except (WireFailed, UpstreamTimeout) as error:
        error.may_be_delivered = False  # The call was, perhaps; but no question is in it.
        raise


def _authorization(token: Secret) -> Secret:
    return Secret(f"token {token.reveal()}")
