"""What can go wrong with Microsoft's REST calls and with the opening of the socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jumpseat.simulator.fault import MICROSOFT, UNTIL_RESET, HttpReply, Table
from jumpseat.simulator.steps import Cut, Pause, Script, Silence

REST = ("user", "start", "create", "list", "conversation", "history", "config", "attachments", "delete-all")
OPENING = ("start", "create")
HTML = b"<!doctype html><html><head><title>Copilot</title></head><body>Please sign in.</body></html>"

_STATUSES: Mapping[int, tuple[str, str]] = {
    401: ("token expired or for another audience", "NotSignedIn"),
    403: ("refused by the front: bot or region", "UpstreamRefused"),
    429: ("too many requests", "RateLimited"),
    451: ("country not served", "UpstreamRefused"),
    460: ("network address refused", "UpstreamRefused"),
    500: ("service trouble", "UpstreamBroke"),
    502: ("service trouble", "UpstreamBroke"),
    503: ("service trouble", "UpstreamBroke"),
}


def _reply(status: int) -> HttpReply:
    headers = {"Retry-After": "5"} if status in (429, 503) else {}
    return HttpReply(status, b'{"message":"refused by the simulator"}', headers=headers)


_TABLE = Table(MICROSOFT)
CALL_FAULTS = _TABLE.rows
add = _TABLE.add


def _status_rows() -> None:
    for status, (meaning, expect) in _STATUSES.items():
        add(
            f"handshake-{status}",
            f"The socket is not opened: {meaning}.",
            f"HTTP {status} to every upgrade",
            expect,
            calls=("chat",),
            lasts=UNTIL_RESET,
            reply=_reply(status),
            tolerated=("UpstreamRefused",),
        )
        if status == 460:
            continue  # Known from handshakes only.
        add(
            f"rest-{status}",
            f"REST refuses: {meaning}.",
            f"HTTP {status}",
            expect,
            calls=OPENING if status == 451 else REST,
            lasts=UNTIL_RESET,
            reply=_reply(status),
            tolerated=("UpstreamRefused",),
        )


def _page_rows() -> None:
    add(
        "rest-html",
        "HTML where JSON is expected: not signed in, not served, or moved.",
        "200 text/html",
        "UpstreamBroke",
        calls=REST,
        lasts=UNTIL_RESET,
        reply=HttpReply(200, HTML, "text/html"),
        tolerated=("NotSignedIn", "UpstreamRefused"),
    )
    for name, target in (("rest-redirect", "/"), ("rest-redirect-login", "/login?return=1")):
        add(
            name,
            "A redirect to a page for people.",
            f"302 to {target}",
            "UpstreamBroke",
            calls=REST,
            lasts=UNTIL_RESET,
            reply=HttpReply(302, HTML, "text/html", {"Location": target}),
            tolerated=("NotSignedIn", "UpstreamRefused"),
        )
    add(
        "handshake-html",
        "A page where a socket is expected.",
        "200 text/html to every upgrade",
        "UpstreamBroke",
        calls=("chat",),
        lasts=UNTIL_RESET,
        reply=HttpReply(200, HTML, "text/html"),
        tolerated=("NotSignedIn", "UpstreamRefused"),
    )


def _trouble_rows() -> None:
    add(
        "rest-500-once",
        "Trouble that is over at the next call.",
        "500 once",
        calls=OPENING,
        reply=_reply(500),
        tolerated=("UpstreamBroke",),
    )
    add(
        "handshake-503-once",
        "Trouble that is over at the next upgrade.",
        "503 once",
        calls=("chat",),
        reply=_reply(503),
        tolerated=("UpstreamBroke",),
    )
    add(
        "rest-garbage",
        "An answer that is no JSON.",
        "200 application/json, body `{oops`",
        "UpstreamBroke",
        calls=OPENING,
        lasts=UNTIL_RESET,
        reply=HttpReply(200, b"{oops"),
    )
    add(
        "rest-empty-object",
        "JSON without what was asked for.",
        "200 {}",
        "UpstreamBroke",
        calls=OPENING,
        lasts=UNTIL_RESET,
        reply=HttpReply(200, b"{}"),
    )


def _silent_rows() -> None:
    add(
        "handshake-silence",
        "The upgrade is never answered.",
        "no answer to an upgrade",
        "UpstreamBroke",
        calls=("chat",),
        lasts=UNTIL_RESET,
        hangs=True,
    )
    add(
        "rest-silence",
        "REST accepts the call and never answers.",
        "no answer",
        "UpstreamBroke",
        calls=OPENING,
        lasts=UNTIL_RESET,
        hangs=True,
    )


def _surprise_rows() -> None:
    add(
        "rest-blank-cookie",
        "The service blanks a cookie; the old value is kept.",
        "Set-Cookie: _C_Auth=",
        calls=("user", "start", "create"),
    )
    add(
        "rest-token-not-accepted",
        "A token was sent and nobody is greeted.",
        "GET /user: firstName null",
        "NotSignedIn",
        calls=("user",),
        lasts=UNTIL_RESET,
        tolerated=("ok",),
    )
    add(
        "start-without-conversation",
        "POST /start opens nothing; POST /conversations does.",
        "currentConversationId null",
        calls=("start",),
    )
    add(
        "start-blocked",
        "The account is blocked.",
        "POST /start: isBlocked true, banExpiresAt",
        "UpstreamRefused",
        calls=("start",),
        lasts=UNTIL_RESET,
        tolerated=("ok",),
    )


def _attachment_rows() -> None:
    add(
        "attachment-relative-url",
        "The address of an upload is relative, as it usually is.",
        "url /images/...",
        calls=("attachments",),
    )
    add(
        "attachment-absolute-url",
        "The address of an upload is absolute.",
        "url http://.../images/...",
        calls=("attachments",),
    )
    add(
        "attachment-refused",
        "The service does not take the picture.",
        "415",
        "InvalidRequest",
        calls=("attachments",),
        lasts=UNTIL_RESET,
        reply=HttpReply(415, b'{"message":"unsupported media type"}'),
        tolerated=("UpstreamRefused", "UpstreamBroke"),
    )


def _paging_rows() -> None:
    add(
        "paging-other-form",
        "List and history swap the form of `next`.",
        "list: opaque; history: a path",
        calls=("list", "history"),
        lasts=UNTIL_RESET,
    )
    add(
        "paging-foreign-host",
        "A `next` that leads to a stranger is not followed.",
        "next https://example.invalid/...",
        "UpstreamBroke",
        calls=("list", "history"),
        tolerated=("ok", "UpstreamRefused"),
        reply=HttpReply(200, b'{"results":[],"next":"https://example.invalid/c/api/conversations?cursor=x"}'),
    )


def _greeting_rows() -> None:
    for name, (_, description, wire, expect) in GREETINGS.items():
        add(
            name,
            description,
            wire,
            expect,
            calls=("chat",),
            lasts=UNTIL_RESET,
            hangs=name == "greeting-missing",
            tolerated=("NotSignedIn",) if expect == "UpstreamRefused" else (),
        )


Greeting = Callable[[Callable[[], bytes]], Script]


def plain_greeting(connected: Callable[[], bytes]) -> Script:
    yield connected()


def _twice(connected: Callable[[], bytes]) -> Script:
    yield connected()
    yield connected()


def _slow(connected: Callable[[], bytes]) -> Script:
    yield Pause(0.5)
    yield connected()


def _none(_: Callable[[], bytes]) -> Script:
    yield Silence()


def _refused(_: Callable[[], bytes]) -> Script:
    yield Cut()


def _challenged(connected: Callable[[], bytes]) -> Script:
    yield connected()
    yield b'{"event":"challenge","method":null,"parameter":null,"id":"0.0001"}'
    yield Pause(3)
    yield Cut()


def _unavailable(_: Callable[[], bytes]) -> Script:
    yield b'{"event":"error","errorCode":"chat-service-unavailable"}'
    yield Cut()


GREETINGS: Mapping[str, tuple[Greeting, str, str, str]] = {
    "greeting-twice": (_twice, "The greeting comes twice at once.", "connected, connected", "ok"),
    "greeting-slow": (_slow, "The greeting takes half a second.", "0.5 s, connected", "ok"),
    "greeting-missing": (_none, "The socket opens and is silent.", "101, silence", "UpstreamBroke"),
    "greeting-eof": (_refused, "The socket opens and ends.", "101, bare end", "UpstreamBroke"),
    "greeting-challenge": (
        _challenged,
        "A challenge instead of a conversation.",
        "connected, challenge method null; after 3 s a bare end",
        "HumanCheckRequired",
    ),
    "greeting-unavailable": (
        _unavailable,
        "No chat for anonymous callers or this region.",
        "error chat-service-unavailable, bare end",
        "UpstreamRefused",
    ),
}
"""What may come first on a server-first socket: script, description, wire, expected outcome."""

_status_rows()
_page_rows()
_trouble_rows()
_silent_rows()
_surprise_rows()
_attachment_rows()
_paging_rows()
_greeting_rows()
