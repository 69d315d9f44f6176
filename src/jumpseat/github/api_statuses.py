"""What refusals of GitHub's own API mean: of the exchange of tokens, and of asking whose one is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from jumpseat.github.hosts import Site
from jumpseat.github.lifetimes import wait_told
from jumpseat.github.reading import object_in, said_in, tidy
from jumpseat.github.statuses import BLOCKS, is_html
from jumpseat.model.errors import (
    JumpseatError,
    NotSignedIn,
    RateLimited,
    UpstreamBroke,
    UpstreamRefused,
)
from jumpseat.transport.wire import Response

_WORD = re.compile(r"[a-z0-9_-]{1,60}")

SERVER_ERROR = "server_error"
"""The one `notification_id` that is GitHub's own trouble, and not about the account."""


def is_no_exchange(answer: Response) -> bool:
    """
    Whether the exchange only says that it is not for this kind of token (section 3).

    Choice: a 403 that gives no reason of its own counts as that too, for the token may do as it is.
    """
    if answer.status not in {403, 404} or is_html(answer):
        return False
    if answer.status == 404:
        return True
    return not (_is_limit(answer) or _reason(answer) or _block(answer))


def api_error(answer: Response, site: Site, *, at: float) -> JumpseatError:
    """The error for an answer that is not what was asked for; it came at `at` (seconds since 1970)."""
    if word := _block(answer):
        return _blocked(answer, word)
    if _is_limit(answer):
        return _limited(answer, at)
    if reason := _reason(answer):
        return _refused(answer, reason)
    return _by_status(answer, site)


def _by_status(answer: Response, site: Site) -> JumpseatError:
    told, is_page = told_in(answer), is_html(answer)
    if answer.status >= 500:
        return UpstreamBroke(
            f"{site.host} is out of order ({told}). Try again later; https://www.githubstatus.com says "
            "whether it is known.",
            code="upstream_unavailable",
        )
    if answer.status < 400 or is_page:
        return UpstreamBroke(
            f"something on the way answered in place of {site.host} ({told}"
            f"{', a web page' if is_page else ''}). Check JUMPSEAT_GITHUB_API_URL, the proxy and the network."
        )
    if answer.status in {401, 403}:
        return NotSignedIn(
            f"{site.host} refused the token ({told}): it was taken back, has ended, or is none. Run "
            "`jumpseat login github` again."
        )
    return UpstreamRefused(
        f"{site.host} refused the request ({told}). Look for a newer jumpseat.", code=f"http_{answer.status}"
    )


def told_in(answer: Response) -> str:
    """The status, and what the body said about it."""
    said = said_in(_details(answer)) or said_in(object_in(answer.body))
    return f"HTTP {answer.status}: {said}" if said else f"HTTP {answer.status}"


def _details(answer: Response) -> Mapping[str, Any]:
    found = object_in(answer.body).get("error_details")
    return found if isinstance(found, dict) else {}


def _reason(answer: Response) -> str:
    """The `notification_id` of a refusal, "" if it has none."""
    reason = _details(answer).get("notification_id") if answer.status == 403 else None
    return reason if isinstance(reason, str) and _WORD.fullmatch(reason) else ""


def _block(answer: Response) -> str | None:
    """The word of a refusal after which a person has to look; it may stand anywhere in the body."""
    if answer.status not in {401, 402, 403}:
        return None
    return next((word for word in BLOCKS if word.encode() in answer.body), None)


def _is_limit(answer: Response) -> bool:
    if answer.status != 403:
        return answer.status == 429
    said = said_in(object_in(answer.body)).lower()
    return "retry-after" in answer.headers or "rate limit" in said


def _page(answer: Response) -> str:
    """The page that the refusal names, if it is an ordinary address, as a sentence; its query is left out."""
    url = str(_details(answer).get("url")).partition("?")[0]
    try:
        is_page = urlsplit(url).scheme == "https" and url == tidy(url) and " " not in url
    except ValueError:
        is_page = False
    return f" See {url}" if is_page else ""


def _blocked(answer: Response, word: str) -> UpstreamRefused:
    return UpstreamRefused(
        f"GitHub has blocked this account's use of Copilot ({word}; {told_in(answer)}).{_page(answer)} "
        "jumpseat does not ask again by itself: look at https://github.com/settings/copilot and at your "
        "mail, then start it again.",
        code=word,
    )


def _refused(answer: Response, reason: str) -> JumpseatError:
    if reason == SERVER_ERROR:
        return UpstreamBroke(
            f"GitHub cannot say whether this account may use Copilot ({told_in(answer)}). Try again later.",
            code="upstream_unavailable",
        )
    return UpstreamRefused(
        f"GitHub does not let this account use Copilot ({reason}; {told_in(answer)}).{_page(answer)} "
        "https://github.com/settings/copilot says what the account has.",
        code=reason,
    )


def _limited(answer: Response, at: float) -> RateLimited:
    wait = wait_told(answer, at=at)
    when = "a few minutes" if wait is None else f"{wait:.0f} seconds"
    return RateLimited(
        f"GitHub's API limits how much this account may ask ({told_in(answer)}). Ask again in {when}.",
        retry_after=wait,
    )
