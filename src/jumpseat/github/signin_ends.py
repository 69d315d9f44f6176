"""How a sign-in by a code ends badly: what GitHub answers in place of a code or a token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from jumpseat.github.hosts import GITHUB, Site
from jumpseat.github.reading import object_in, said_in
from jumpseat.github.statuses import is_html
from jumpseat.model.errors import JumpseatError, RateLimited, SignInFailed, UpstreamBroke
from jumpseat.model.moments import parse_retry_after
from jumpseat.settings import LOOPBACK
from jumpseat.transport.wire import Response


def refusal(answer: Response, site: Site, *, at: float) -> JumpseatError:
    """The error for an answer that is neither a code nor a token, by its status."""
    said = said_in(object_in(answer.body))
    told = f"HTTP {answer.status}: {said}" if said else f"HTTP {answer.status}"
    if answer.status == 429:
        return _too_often(answer, told, at)
    if answer.status >= 500:
        return UpstreamBroke(
            f"{site.host} is out of order ({told}). Try again later; https://www.githubstatus.com says "
            "whether it is known.",
            code="upstream_unavailable",
        )
    if answer.status == 404:
        return SignInFailed(
            f"{site.host} knows no OAuth app with this client id ({told}). Compare it with the one at "
            f"{_apps(site)}.",
            code="incorrect_client_credentials",
        )
    if answer.status >= 400 or said:
        return SignInFailed(
            f"{site.host} refused the sign-in ({told}). Check the client id at {_apps(site)}, then run "
            "`jumpseat login github` again."
        )
    return UpstreamBroke(
        f"something on the way answered in place of {site.host} ({told}"
        f"{', a web page' if is_html(answer) else ''}). Check the network and JUMPSEAT_GITHUB_URL."
    )


def _too_often(answer: Response, told: str, at: float) -> RateLimited:
    wait = parse_retry_after(answer.headers.get("retry-after", ""), now=datetime.fromtimestamp(at, UTC))
    when = "a few minutes" if wait is None else f"{wait:.0f} seconds"
    return RateLimited(f"GitHub is asked too often ({told}). Try again in {when}.", retry_after=wait)


def _apps(site: Site) -> str:
    return f"https://{GITHUB if site.host in LOOPBACK else site.host}/settings/developers"


def raise_known_end(fields: Mapping[str, Any], site: Site) -> None:
    """Raise the error of a word after which nothing more comes. They arrive with HTTP 200."""
    word = fields.get("error")
    if isinstance(word, str) and (maker := _ENDS.get(word)):
        raise maker(site)


def expired(site: Site, why: str = "") -> SignInFailed:
    """The error for a code that ended; `why` is a sentence more about it."""
    return SignInFailed(
        f"the code was not approved at {site.host} in time, and has ended.{why} "
        "Run `jumpseat login github` again for a new one.",
        code="expired_token",
    )


def _ended(code: str, sentence: str) -> Callable[[Site], SignInFailed]:
    def make(site: Site) -> SignInFailed:
        return SignInFailed(sentence.format(host=site.host, apps=_apps(site)) + f" ({code})", code=code)

    return make


_ENDS: Mapping[str, Callable[[Site], SignInFailed]] = {
    "expired_token": expired,
    "access_denied": _ended(
        "access_denied",
        "the sign-in was refused at {host}, and nothing was kept. Run `jumpseat login github` again if that "
        "was not meant",
    ),
    "unsupported_grant_type": _ended(
        "unsupported_grant_type",
        "{host} does not know this way of signing in: look for a newer jumpseat, or use --from-gh",
    ),
    "incorrect_client_credentials": _ended(
        "incorrect_client_credentials",
        "{host} knows no OAuth app with this client id: compare it with the one at {apps}",
    ),
    "incorrect_device_code": _ended(
        "incorrect_device_code",
        "{host} does not know the code that it gave out, or took it once already: run "
        "`jumpseat login github` again",
    ),
    "device_flow_disabled": _ended(
        "device_flow_disabled",
        'the OAuth app does not allow this way of signing in: open it at {apps}, tick "Enable Device Flow", '
        "and run `jumpseat login github` again",
    ),
}
"""The words after which nothing more comes (API page, section 2), each with what mends it."""
