"""What can go wrong with GitHub's calls: the token, the threads, and the status of a message."""

from __future__ import annotations

from collections.abc import Iterable

from jumpseat.simulator.fault import GITHUB, UNTIL_RESET, HttpReply, Table
from jumpseat.simulator.github_turn import encode

API = ("models", "threads", "create", "thread", "history", "messages")
HTML = b"<!doctype html><html><head><title>Sign in to GitHub</title></head><body>Sign in</body></html>"

_TABLE = Table(GITHUB, prefix="github-")
GITHUB_CALL_FAULTS = _TABLE.rows
_add = _TABLE.add


def refusal(status: int, **headers: str) -> HttpReply:
    """A refusal with a reason, as the API words it."""
    message = "Not Found" if status == 404 else "refused by the simulator"
    return HttpReply(status, encode({"message": message}), headers=headers)


_PAGE = HttpReply(200, HTML, "text/html")
_LOGIN = HttpReply(302, HTML, "text/html", {"Location": "/login?return_to=%2Fcopilot"})
_LATER = {"Retry-After": "5"}
_TOKEN_ANSWERS: Iterable[tuple[str, str, HttpReply, str, tuple[str, ...]]] = (
    ("401", "The browser session is over.", refusal(401), "NotSignedIn", ()),
    ("403", "The token call is refused.", refusal(403), "NotSignedIn", ("UpstreamRefused",)),
    (
        "404",
        "Not signed in, or an outage.",
        refusal(404),
        "NotSignedIn",
        ("UpstreamRefused", "UpstreamBroke"),
    ),
    ("429", "Too many token calls.", refusal(429, **_LATER), "RateLimited", ()),
    ("500", "GitHub has trouble.", refusal(500), "UpstreamBroke", ("UpstreamRefused",)),
    ("html", "A page where JSON is expected.", _PAGE, "NotSignedIn", ("UpstreamBroke",)),
    ("redirect", "A redirect to the login page.", _LOGIN, "NotSignedIn", ("UpstreamBroke",)),
    ("garbage", "No JSON.", HttpReply(200, b"{oops"), "UpstreamBroke", ("NotSignedIn",)),
    ("empty-object", "JSON without a token.", HttpReply(200, b"{}"), "UpstreamBroke", ("NotSignedIn",)),
)
"""What the token call may answer: name, meaning, answer, expected and tolerated outcomes."""


def _token_rows() -> None:
    for name, meaning, reply, expect, tolerated in _TOKEN_ANSWERS:
        _add(
            f"token-{name}",
            meaning,
            f"HTTP {reply.status}, {reply.content_type}",
            expect,
            calls=("token",),
            lasts=UNTIL_RESET,
            reply=reply,
            tolerated=tolerated,
        )
    _add("token-without-expiration", "The token's life is not told.", "200 {token}", calls=("token",))
    _add(
        "token-silence",
        "The token call is never answered.",
        "no answer",
        "UpstreamBroke",
        calls=("token",),
        lasts=UNTIL_RESET,
        hangs=True,
    )


_STATUSES: Iterable[tuple[int, str, str, tuple[str, ...]]] = (
    (401, "the web token is refused, every time", "NotSignedIn", ()),
    (403, "the web token is refused, every time", "UpstreamRefused", ("NotSignedIn",)),
    (404, "no such thread", "InvalidRequest", ("UpstreamRefused", "UpstreamBroke")),
    (421, "this plan has another host", "UpstreamRefused", ("UpstreamBroke", "InvalidRequest")),
    (429, "rate or quota", "RateLimited", ("QuotaExceeded",)),
    (500, "GitHub has trouble", "UpstreamBroke", ("UpstreamRefused",)),
    (502, "GitHub has trouble", "UpstreamBroke", ("UpstreamRefused",)),
    (503, "GitHub has trouble", "UpstreamBroke", ("UpstreamRefused",)),
)


def _status_rows() -> None:
    for status, meaning, expect, tolerated in _STATUSES:
        reply = refusal(status, **(_LATER if status == 429 else {}))
        # Choice: asked for by a prompt it strikes that message; armed, every call of the API until a reset.
        _add(
            f"messages-{status}",
            f"{meaning.capitalize()}: one message is refused.",
            f"HTTP {status}",
            expect,
            reply=reply,
            tolerated=(*tolerated, "ok") if status in (401, 403) else tolerated,
        )
        _add(
            f"api-{status}",
            f"{meaning.capitalize()}: every call of the API is refused.",
            f"HTTP {status}",
            expect,
            calls=API,
            lasts=UNTIL_RESET,
            reply=reply,
            tolerated=tolerated,
        )


def _call_rows() -> None:
    _add(
        "token-expired-once",
        "A web token that has just expired; a fresh one is taken.",
        "401 once to a call with a good token",
        calls=API,
        reply=refusal(401),
        tolerated=("NotSignedIn",),
    )
    _add(
        "api-html",
        "A page where the API is expected.",
        "200 text/html",
        "UpstreamBroke",
        calls=("create", "messages"),
        lasts=UNTIL_RESET,
        reply=HttpReply(200, HTML, "text/html"),
        tolerated=("NotSignedIn",),
    )
    _add(
        "create-garbage",
        "A thread without a name.",
        "201 {}",
        "UpstreamBroke",
        calls=("create",),
        lasts=UNTIL_RESET,
        reply=HttpReply(201, b"{}"),
    )
    _add("create-id-only", "The thread's name comes as `id` alone.", "200 {id}", calls=("create",))
    _add(
        "create-silence",
        "Creating a thread is never answered.",
        "no answer",
        "UpstreamBroke",
        calls=("create",),
        hangs=True,
        lasts=UNTIL_RESET,
    )


_token_rows()
_status_rows()
_call_rows()
