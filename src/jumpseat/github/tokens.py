"""
Tokens for GitHub Copilot's API, as values: their exchange, whose one is, and the refresh of one that ends.

The facts are those of the API page, sections 3 to 5. Nothing here waits or knows the time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from jumpseat._version import __version__
from jumpseat.github.api_statuses import api_error, is_no_exchange, told_in
from jumpseat.github.hosts import Site
from jumpseat.github.lifetimes import seconds_told
from jumpseat.github.reading import object_in
from jumpseat.github.signin import FormCall, checked_client_id
from jumpseat.github.web import WebCall, is_token
from jumpseat.model.credentials import Credential, Secret
from jumpseat.model.errors import NotSignedIn, UpstreamBroke
from jumpseat.settings import LOOPBACK
from jumpseat.transport.wire import Response

EXCHANGED_SECONDS = 25 * 60.0
"""How long an exchanged token is used whose end was not told. Choice: they live for half an hour or less."""

AFTER_REFRESH = 60.0
"""Seconds that a token is good beyond its `refresh_in` (section 4)."""

_HEADERS = {"Accept": "application/json", "User-Agent": f"jumpseat/{__version__}"}

# Section 5.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_GITHUBS = re.compile(rf"(?:api\.)?github\.com|(?:{_LABEL}\.)+githubcopilot\.com")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::443)?")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?")


class CopilotToken(Struct, frozen=True, kw_only=True):
    """An exchanged token, for how many seconds it lives, and the address that it is for."""

    token: Secret
    seconds: float
    api: str
    """`https://` and a host of the allow-list; at a stand-in on this machine, an address of this machine."""


class NoExchange(Struct, frozen=True):
    """There is no exchange for this kind of token: it is to be shown as it is. `why` is what GitHub said."""

    why: str


def exchange_call(site: Site) -> WebCall:
    """Ask for an exchanged token; the sender adds the OAuth token, with the word `token` before it."""
    headers = {
        **_HEADERS,
        "X-GitHub-Api-Version": "2025-04-01",
        "Editor-Version": f"jumpseat/{__version__}",
    }
    return WebCall(method="GET", url=f"{site.api}/copilot_internal/v2/token", headers=headers)


def read_exchange(answer: Response, site: Site, *, at: float) -> CopilotToken | NoExchange:
    """
    The exchanged token of an answer to `exchange_call`, which came at `at` (seconds since 1970).

    Raises the error that the answer amounts to; of those, `statuses.is_block` says which are final.
    """
    if is_no_exchange(answer):
        return NoExchange(told_in(answer))
    if answer.status != 200:
        raise api_error(answer, site, at=at)
    fields = object_in(answer.body)
    token = fields.get("token")
    if not isinstance(token, str) or not is_token(token):
        raise UpstreamBroke(
            f"{site.host} answered the exchange without a token. Try again; if it stays so, GitHub has "
            "changed it and jumpseat needs an update."
        )
    endpoints = fields.get("endpoints")
    told = endpoints.get("api") if isinstance(endpoints, dict) else None
    return CopilotToken(
        token=Secret(token),
        seconds=_life(fields, answer),
        api=_usual_api(site) if told is None else checked_address(told, site),
    )


def checked_address(told: object, site: Site) -> str:
    """
    An address that GitHub named, if a secret may go there, without its last slash; else `UpstreamBroke`.

    Of a stand-in on this machine only addresses of this machine are taken, and of a real GitHub none of them.
    """
    address = told.rstrip("/") if isinstance(told, str) else ""
    if not (address.isascii() and address.isprintable()) or not _is_allowed(address, site):
        raise UpstreamBroke(
            f"{site.host} named an address for Copilot's API that is not known to be GitHub's, so nothing "
            "was sent there. Look for a newer jumpseat, and at what is between you and GitHub (proxies).",
            code="host_not_allowed",
        )
    return address


def _is_allowed(address: str, site: Site) -> bool:
    if urlsplit(site.api).hostname in LOOPBACK:
        return _is_of_this_machine(address)
    if not _ADDRESS.fullmatch(address):
        return False
    host = urlsplit(address).hostname or ""
    # Choice: of the tenants of GHE.com only the account's own, which the page's list leaves open.
    own = {site.host, f"api.{site.host}", f"copilot-api.{site.host}"} if _is_tenant(site) else set[str]()
    return host in own or _GITHUBS.fullmatch(host) is not None


def _is_of_this_machine(address: str) -> bool:
    try:
        parts, _ = urlsplit(address), urlsplit(address).port
    except ValueError:
        return False
    is_bare = parts.username is None and not (parts.path or parts.query or parts.fragment)
    return is_bare and parts.scheme in {"http", "https"} and parts.hostname in LOOPBACK


def _is_tenant(site: Site) -> bool:
    return site.host.endswith(".ghe.com")


def _usual_api(site: Site) -> str:
    """Where Copilot's API is when nobody says (section 5)."""
    if urlsplit(site.api).hostname in LOOPBACK:
        return site.api
    return f"https://copilot-api.{site.host}" if _is_tenant(site) else _GENERIC


_GENERIC = "https://api.githubcopilot.com"


def _life(fields: Mapping[str, Any], answer: Response) -> float:
    """By `refresh_in` in the first place: it is a duration, and no clock has to be right."""
    told = fields.get("refresh_in")
    if isinstance(told, int | float) and told < 1e8 and (seconds := seconds_told(told, answer)):
        return seconds + AFTER_REFRESH
    return seconds_told(fields.get("expires_at"), answer) or EXCHANGED_SECONDS


def user_call(site: Site) -> WebCall:
    """Ask whose token it is; the sender adds the token."""
    return WebCall(method="GET", url=f"{site.api}/user", headers=_HEADERS)


def read_user(answer: Response, site: Site, *, at: float) -> str:
    """The login name of the token's owner, or the error the answer amounts to."""
    if answer.status != 200:
        raise api_error(answer, site, at=at)
    login = object_in(answer.body).get("login")
    if not isinstance(login, str) or not _LOGIN.fullmatch(login):
        raise UpstreamBroke(
            f"{site.host} did not say whose token this is. Try again; if it stays so, something on the way "
            "answers in its place: check the network and JUMPSEAT_GITHUB_API_URL."
        )
    return login


def refresh_call(site: Site, client_id: str) -> FormCall:
    """Ask for a new token by the refresh token of a GitHub App; the sender adds `refresh_token`."""
    form = {"client_id": checked_client_id(client_id), "grant_type": "refresh_token"}
    headers = {**_HEADERS, "Content-Type": "application/x-www-form-urlencoded"}
    return FormCall(url=f"{site.web}/login/oauth/access_token", headers=headers, form=form)


def read_refresh(answer: Response, site: Site, old: Credential, *, at: float) -> Credential:
    """
    The credential that takes the place of the `old` one, whose refresh token is spent from now on.

    Raises `NotSignedIn` where GitHub takes the refresh token no more.
    """
    fields = object_in(answer.body)
    if error := fields.get("error"):  # It comes with HTTP 200.
        raise _no_refresh(site, error)
    token, refresh = fields.get("access_token"), fields.get("refresh_token")
    if answer.status not in {200, 201}:
        raise api_error(answer, site, at=at)
    if not isinstance(token, str) or not is_token(token):
        raise UpstreamBroke(f"{site.host} renewed the sign-in without a token. Try again.")
    life = seconds_told(fields.get("expires_in"), answer)
    return msgspec.structs.replace(
        old,
        token=Secret(token),
        refresh_token=Secret(refresh)
        if isinstance(refresh, str) and is_token(refresh)
        else old.refresh_token,
        obtained_at=at,
        expires_at=None if life is None else at + life,
    )


def _no_refresh(site: Site, error: object) -> NotSignedIn:
    word = error if isinstance(error, str) and re.fullmatch(r"[a-z_]{1,60}", error) else "unknown error"
    return NotSignedIn(
        f"{site.host} no longer renews this sign-in ({word}): the refresh token has ended, was used "
        "elsewhere, or was taken back. Run `jumpseat login github` again.",
        code="refresh_refused",
    )
