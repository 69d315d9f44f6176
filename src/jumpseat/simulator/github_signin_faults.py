"""What can go wrong when somebody signs in at GitHub by a code."""

from __future__ import annotations

from collections.abc import Iterable

from jumpseat.simulator.fault import GITHUB, UNTIL_RESET, HttpReply, Table
from jumpseat.simulator.github_calls_faults import HTML, refusal
from jumpseat.simulator.github_turn import encode

START = ("device-code",)
POLL = ("device-token",)

_TABLE = Table(GITHUB, prefix="github-")
GITHUB_SIGNIN_FAULTS = _TABLE.rows
_add = _TABLE.add


def error(word: str, **more: object) -> HttpReply:
    """An error of OAuth, which GitHub gives with HTTP 200."""
    told = {"error": word, "error_description": "The simulator was told to say so.", **more}
    return HttpReply(200, encode(told))


_PAGE = HttpReply(200, HTML, "text/html")
_LATER = {"Retry-After": "1"}
_NO_CODE = HttpReply(200, encode({"user_code": "WDJB-MJHT"}))

_BOTH: Iterable[tuple[str, str, HttpReply, str]] = (
    ("404", "No app has this client id.", HttpReply(404, encode({"error": "Not Found"})), "NotSignedIn"),
    ("422", "The request is refused.", refusal(422), "NotSignedIn"),
    ("disabled", "The app does not allow the device flow.", error("device_flow_disabled"), "NotSignedIn"),
    ("bad-client", "The client id is refused.", error("incorrect_client_credentials"), "NotSignedIn"),
    ("unknown-error", "An error nobody has heard of.", error("riddle"), "NotSignedIn"),
    ("429", "Too many calls.", refusal(429, **_LATER), "RateLimited"),
    ("500", "GitHub has trouble.", refusal(500), "UpstreamBroke"),
    ("html", "A page where JSON is expected.", _PAGE, "UpstreamBroke"),
    ("garbage", "No JSON.", HttpReply(200, b"{oops"), "UpstreamBroke"),
)
"""What either call may answer: name, meaning, answer, outcome at the start."""
_BORNE = {"429", "500", "html", "garbage"}
"""Those that a client bears amid the waiting."""

_POLLS: Iterable[tuple[str, str, HttpReply, str]] = (
    ("pending", "The person has not decided yet.", error("authorization_pending"), "ok"),
    ("expired", "The code has ended.", error("expired_token"), "NotSignedIn"),
    ("denied", "The person pressed Cancel.", error("access_denied"), "NotSignedIn"),
    ("bad-grant", "The kind of grant is refused.", error("unsupported_grant_type"), "NotSignedIn"),
    ("bad-code", "The code is unknown.", error("incorrect_device_code"), "NotSignedIn"),
    ("empty", "Neither a token nor an error.", HttpReply(200, b"{}"), "ok"),
)
_STARTS: Iterable[tuple[str, str, HttpReply, str]] = (
    ("empty", "No code.", _NO_CODE, "UpstreamBroke"),
    ("redirect", "A redirect.", HttpReply(302, b"", "text/html", {"Location": "/login"}), "UpstreamBroke"),
)


def _replies(call: str, rows: Iterable[tuple[str, str, HttpReply, str]], borne: set[str]) -> None:
    for name, meaning, reply, expect in rows:
        _add(
            f"{call}-{name}",
            meaning,
            f"HTTP {reply.status}, {reply.content_type}",
            "ok" if name in borne else expect,
            calls=(call,),
            reply=reply,
        )


_replies("device-code", _BOTH, set())
_replies("device-code", _STARTS, set())
_replies("device-token", _BOTH, _BORNE)
_replies("device-token", _POLLS, set())

# What the handlers act out.
_add("device-code-bare", "Neither life nor interval is told.", "no expires_in, no interval", calls=START)
_add("device-code-odd", "Life and interval make no sense.", "expires_in -1, interval null", calls=START)
_add(
    "device-code-elsewhere",
    "The page to go to is on another host, where no client may send a person.",
    "verification_uri https://github.com.example/login/device",
    calls=START,
)
_add(
    "device-code-silence",
    "The start is never answered.",
    "no answer",
    "UpstreamBroke",
    calls=START,
    hangs=True,
    lasts=UNTIL_RESET,
)
_add("device-token-slow-down", "The client is to poll more slowly.", "slow_down, interval", calls=POLL)
_add("device-token-slow-down-bare", "The same without a number.", "slow_down", calls=POLL)
_add("device-token-cut", "The connection ends without an answer.", "bare end", calls=POLL)
_add("device-token-silence", "A poll is never answered.", "no answer", calls=POLL, hangs=True)
_add("device-token-wide", "More is granted than was asked for.", "scope repo,read:user", calls=POLL)
_add(
    "device-token-ends",
    "The token ends, as those of some GitHub Apps do.",
    "ghu_ token, expires_in 28800, refresh_token",
    calls=POLL,
)
