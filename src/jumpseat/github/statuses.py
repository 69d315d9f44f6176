"""What GitHub's refusals mean: each HTTP status of the web chat as one of our errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from jumpseat.github.lifetimes import wait_told
from jumpseat.github.reading import object_in, said_in
from jumpseat.model.errors import (
    ConversationLost,
    InvalidRequest,
    JumpseatError,
    NotSignedIn,
    QuotaExceeded,
    RateLimited,
    UpstreamBroke,
    UpstreamRefused,
)
from jumpseat.transport.wire import Response

Call = Literal["thread", "message", "models"]
"""The calls that carry the web token: open a thread, ask in one, list the models."""

SIGN_IN = (
    "Sign in to https://github.com in your browser, export its cookies as JSON, and hand them over: "
    "`jumpseat login github-web --cookies FILE` (or where JUMPSEAT_GITHUB_COOKIES points, if it is set)."
)

# Refusals that only a person can lift (API page, section 14): no fresh token, no second try.
BLOCKS = (
    "extension_blocked",
    "programmatic_token_generation",
    "go_http_client",
    "access_revoked",
    "spammy_user",
)


def is_html(answer: Response) -> bool:
    """Whether the answer is a page for people: a login page, a captive portal, a front that stepped in."""
    return "html" in answer.headers.get("content-type", "").lower() or answer.body.lstrip()[:1] == b"<"


def wants_fresh_token(answer: Response) -> bool:
    """Whether a fresh web token may help: the one we showed expired or was refused (section 6)."""
    return answer.status in {401, 403} and not _is_limit(answer) and _block(answer) is None


def is_block(error: Exception) -> bool:
    """Whether only a person can lift this refusal, so that asking again could only make it worse."""
    return isinstance(error, UpstreamRefused) and error.code in BLOCKS


def token_refusal(answer: Response, *, now: float) -> JumpseatError:
    """The error for an answer to the token call that is no token. `now` is in seconds since 1970."""
    status = answer.status
    if blocked := _blocked(answer):
        return blocked
    if _shows_login(answer):
        return NotSignedIn(f"GitHub no longer knows this browser session ({_told(answer)}). {SIGN_IN}")
    if status == 404:
        return NotSignedIn(
            "GitHub answered the token call with HTTP 404: either this browser session is not signed in, or "
            f"its web chat is out of order for everybody. {SIGN_IN} If you are signed in, try again later."
        )
    if status < 300:
        return UpstreamBroke(
            "GitHub answered the token call without a token. Try again; if it stays so, "
            "GitHub has changed its web chat and jumpseat needs an update."
        )
    return _common(answer, now=now, is_message=False)


def _shows_login(answer: Response) -> bool:
    if answer.status < 400:
        return answer.status >= 300 or is_html(answer)
    return answer.status in {401, 403} and not _is_limit(answer)


def _is_limit(answer: Response) -> bool:
    # Choice: a 403 that says when to come again is a limit, as in GitHub's other APIs.
    return answer.status == 429 or (answer.status == 403 and "retry-after" in answer.headers)


def api_refusal(answer: Response, call: Call, *, now: float) -> JumpseatError:
    """
    The error for a call with the web token that was not granted. `now` is in seconds since 1970.

    A server error (5xx) to a message may have come after the model got it; any other status is a clear no.
    """
    if blocked := _blocked(answer):
        return blocked
    is_message = call == "message"
    if is_message and answer.status in {404, 410}:  # Choice: 410 is read like 404.
        return _lost(answer)
    maker = _API.get(answer.status)
    if maker is None or _is_limit(answer):
        return _common(answer, now=now, is_message=is_message)
    return maker(answer)


def _told(answer: Response) -> str:
    """The status, and what the body said about it."""
    said = said_in(object_in(answer.body))
    return f"HTTP {answer.status}: {said}" if said else f"HTTP {answer.status}"


def _block(answer: Response) -> str | None:
    if answer.status not in {401, 402, 403}:
        return None
    return next((word for word in BLOCKS if word.encode() in answer.body), None)


def _blocked(answer: Response) -> JumpseatError | None:
    word = _block(answer)
    if word is None:
        return None
    return UpstreamRefused(
        f"GitHub has blocked this account's use of Copilot ({word}; {_told(answer)}). jumpseat does not ask "
        "again by itself: look at https://github.com/settings/copilot and at your mail, then start it again.",
        code=word,
    )


def _common(answer: Response, *, now: float, is_message: bool) -> JumpseatError:
    """What any call may be answered with."""
    status = answer.status
    if _is_limit(answer):
        wait = wait_told(answer, at=now)
        when = "a few minutes" if wait is None else f"{wait:.0f} seconds"
        return RateLimited(
            f"GitHub limits how much this account may ask ({_told(answer)}). Ask again in {when}.",
            retry_after=wait,
        )
    if status >= 500:
        return UpstreamBroke(
            f"GitHub's web chat is out of order ({_told(answer)}). Try again later; "
            "https://www.githubstatus.com says whether it is known.",
            code="upstream_unavailable",
            may_be_delivered=is_message,
        )
    if status < 400:
        return UpstreamBroke(
            f"something on the way answered in place of GitHub's web chat (HTTP {status}"
            f"{', a web page' if is_html(answer) else ''}). "
            "Check JUMPSEAT_GITHUB_CHAT_URL, the proxy and the network.",
            may_be_delivered=is_message and status < 300,
        )
    then = "Change the question or the model and ask again" if is_message else "Look for a newer jumpseat"
    return UpstreamRefused(
        f"GitHub refused the request ({_told(answer)}). {then}.",
        code=f"http_{status}",
    )


def _no_token(answer: Response) -> JumpseatError:
    return NotSignedIn(
        f"GitHub refused the web-chat token ({_told(answer)}). It lives for about an hour. With cookies "
        "jumpseat gets tokens by itself: `jumpseat login github-web --cookies FILE`. Else hand over a new "
        "one as before (--token-stdin, JUMPSEAT_GITHUB_WEB_TOKEN, api_key); a personal access token does "
        "not work here."
    )


def _quota(answer: Response) -> JumpseatError:
    return QuotaExceeded(
        f"This GitHub account has used up its Copilot quota ({_told(answer)}). "
        "https://github.com/settings/copilot says when it starts anew."
    )


def _not_there(answer: Response) -> JumpseatError:
    return UpstreamRefused(
        f"GitHub offers no web chat at this address ({_told(answer)}). Check JUMPSEAT_GITHUB_CHAT_URL; "
        "if it is right, this is an outage: try again later.",
        code="not_found",
    )


def _lost(answer: Response) -> JumpseatError:
    return ConversationLost(
        f"GitHub has no such thread any more ({_told(answer)}). Begin a new conversation."
    )


def _too_long(answer: Response) -> JumpseatError:
    return InvalidRequest(
        f"the question is too long for GitHub ({_told(answer)}). Shorten it.", param="messages"
    )


def _wrong_host(answer: Response) -> JumpseatError:
    return UpstreamRefused(
        f"this host does not serve your Copilot plan ({_told(answer)}). Set JUMPSEAT_GITHUB_CHAT_URL to "
        "https://api.individual.githubcopilot.com, https://api.business.githubcopilot.com or "
        "https://api.enterprise.githubcopilot.com, as your plan has it.",
        code="wrong_plan_host",
    )


_API: Mapping[int, Callable[[Response], JumpseatError]] = {
    401: _no_token,
    402: _quota,  # Choice: as on the API page; the threads page does not name it.
    403: _no_token,
    404: _not_there,
    413: _too_long,  # Choice: unknown here; what the status says.
    421: _wrong_host,
}
