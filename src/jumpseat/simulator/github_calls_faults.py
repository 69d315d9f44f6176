"""What can go wrong with GitHub's calls: the token, the threads, and the status of a message."""

from __future__ import annotations

from collections.abc import Iterable

from jumpseat.simulator.fault import GITHUB, UNTIL_RESET, HttpReply, Table, Traits
from jumpseat.simulator.github_turn import encode

API = ("models", "threads", "create", "thread", "history", "messages")
HTML = b"<!doctype html><html><head><title>Sign in to GitHub</title></head><body>Sign in</body></html>"

_TABLE = Table(GITHUB, prefix="github-")
GITHUB_CALL_FAULTS = _TABLE.rows
_add = _TABLE.add


def refusal(status: int, message: str = "refused by the simulator", **headers: str) -> HttpReply:
    return HttpReply(status, encode({"message": message}), headers=headers)


def _call_rows() -> None:
    page = HttpReply(200, HTML, "text/html")
    login = HttpReply(302, HTML, "text/html", {"Location": "/login?return_to=%2Fcopilot"})
    token: Traits = {"calls": ("token",), "lasts": UNTIL_RESET}
    _add("token-401", "The browser session is over.", "401", "NotSignedIn", reply=refusal(401), **token)
    _add(
        "token-403",
        "The token call is refused.",
        "403",
        "NotSignedIn",
        reply=refusal(403),
        tolerated=("UpstreamRefused",),
        **token,
    )
    _add(
        "token-404",
        "Not signed in, or an outage.",
        "404",
        "NotSignedIn",
        reply=refusal(404, "Not Found"),
        tolerated=("UpstreamRefused", "UpstreamBroke"),
        **token,
    )
    _add(
        "token-429",
        "Too many token calls.",
        "429, Retry-After: 5",
        "RateLimited",
        reply=refusal(429, **{"Retry-After": "5"}),
        **token,
    )
    _add(
        "token-500",
        "GitHub has trouble.",
        "500",
        "UpstreamBroke",
        reply=refusal(500),
        tolerated=("UpstreamRefused",),
        **token,
    )
    _add(
        "token-html",
        "A page where JSON is expected.",
        "200 text/html",
        "NotSignedIn",
        reply=page,
        tolerated=("UpstreamBroke",),
        **token,
    )
    _add(
        "token-redirect",
        "A redirect to the login page.",
        "302 to /login",
        "NotSignedIn",
        reply=login,
        tolerated=("UpstreamBroke",),
        **token,
    )
    _add(
        "token-garbage",
        "An answer that is no JSON.",
        "200, body `{oops`",
        "UpstreamBroke",
        reply=HttpReply(200, b"{oops"),
        tolerated=("NotSignedIn",),
        **token,
    )
    _add("token-without-expiration", "The token's life is not told.", "200 {token}", calls=("token",))
    _add(
        "token-silence",
        "The token call is never answered.",
        "no answer",
        "UpstreamBroke",
        hangs=True,
        **token,
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
        headers = {"Retry-After": "5"} if status == 429 else {}
        reply = refusal(status, "Not Found" if status == 404 else "refused by the simulator", **headers)
        # Choice: asked for by a prompt it strikes that message; armed, every call of the API until a reset.
        for name, calls in ((f"messages-{status}", ("turn",)), (f"api-{status}", API)):
            what = "the message" if calls == ("turn",) else "every call of the API"
            lasts: Traits = {"lasts": UNTIL_RESET} if calls is API else {}
            _add(
                name,
                f"{meaning.capitalize()}: {what} is refused.",
                f"HTTP {status}",
                expect,
                calls=calls,
                reply=reply,
                tolerated=(*tolerated, *(("ok",) if status in (401, 403) and not lasts else ())),
                **lasts,
            )
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


_call_rows()
_status_rows()
