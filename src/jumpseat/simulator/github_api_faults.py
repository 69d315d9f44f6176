"""What can go wrong with GitHub's own API: the exchange of a token, and asking whose one is."""

from __future__ import annotations

from collections.abc import Iterable

from jumpseat.simulator.fault import GITHUB, UNTIL_RESET, HttpReply, Table
from jumpseat.simulator.github_calls_faults import HTML, refusal
from jumpseat.simulator.github_turn import encode

NOT_FOUND = (404, "Not Found")
NO_PAT = (403, "Resource not accessible by personal access token")
NO_INTEGRATION = (403, "Resource not accessible by integration")
OTHER_HOST = "https://api.githubcopilot.com.example"

_TABLE = Table(GITHUB, prefix="github-")
GITHUB_API_FAULTS = _TABLE.rows
_add = _TABLE.add

NOTIFICATIONS: Iterable[tuple[str, str]] = (
    ("no_copilot_access", "UpstreamRefused"),
    ("not_signed_up", "UpstreamRefused"),
    ("subscription_ended", "UpstreamRefused"),
    ("enterprise_managed_user_account", "UpstreamRefused"),
    ("feature_flag_blocked", "UpstreamRefused"),
    ("spammy_user", "UpstreamRefused"),
    ("billing_locked", "UpstreamRefused"),
    ("trade_restricted", "UpstreamRefused"),
    ("trade_restricted_country", "UpstreamRefused"),
    ("codespaces_demo_inactive", "UpstreamRefused"),
    ("snippy_not_configured", "UpstreamRefused"),
    ("expired_coupon", "UpstreamRefused"),
    ("revoked_coupon", "UpstreamRefused"),
    ("go_http_client", "UpstreamRefused"),
    ("programmatic_token_generation", "UpstreamRefused"),
    ("access_revoked", "UpstreamRefused"),
    ("server_error", "UpstreamBroke"),
)
"""The reasons of the exchange for a refusal, and what a correct client reports."""


def _said(status: int, message: str, **headers: str) -> HttpReply:
    return HttpReply(status, encode({"message": message}), headers=headers)


def _notified(reason: str) -> HttpReply:
    details = {
        "message": f"You cannot use Copilot: {reason}.",
        "notification_id": reason,
        "title": "No Copilot",
        "url": "https://github.com/settings/copilot?utm_source=simulator",
    }
    fields = {
        "message": "Resource not accessible: see error_details",
        "can_signup_for_limited": reason == "not_signed_up",
        "reason": "simulated",
        "error_details": details,
    }
    return HttpReply(403, encode(fields))


_LIMIT = "API rate limit exceeded for user ID 1."
_BOTH: Iterable[tuple[str, str, HttpReply, str]] = (
    ("401", "The OAuth token is refused.", _said(401, "Bad credentials"), "NotSignedIn"),
    ("429", "Too many calls.", refusal(429, **{"Retry-After": "5"}), "RateLimited"),
    ("limit", "Too many calls, said with 403.", _said(403, _LIMIT), "RateLimited"),
    ("500", "GitHub has trouble, once.", refusal(500), "UpstreamBroke"),
    ("html", "A page where JSON is expected.", HttpReply(200, HTML, "text/html"), "UpstreamBroke"),
    ("garbage", "No JSON.", HttpReply(200, b"{oops"), "UpstreamBroke"),
    ("empty-object", "JSON without what was asked for.", HttpReply(200, b"{}"), "UpstreamBroke"),
)
_EXCHANGES: Iterable[tuple[str, str, HttpReply, str]] = (
    ("404", "There is no exchange for this token.", _said(*NOT_FOUND), "ok"),
    ("pat", "There is no exchange for this token.", _said(*NO_PAT), "ok"),
    ("integration", "There is no exchange for this token.", _said(*NO_INTEGRATION), "ok"),
    *(
        (reason, "No Copilot for this account.", _notified(reason), expect)
        for reason, expect in NOTIFICATIONS
    ),
)


def _replies(call: str, rows: Iterable[tuple[str, str, HttpReply, str]]) -> None:
    for name, meaning, reply, expect in rows:
        wire = f"HTTP {reply.status}, {reply.content_type}"
        _add(f"{call}-{name.replace('_', '-')}", meaning, wire, expect, calls=(call,), reply=reply)


def _silence(call: str) -> None:
    _add(
        f"{call}-silence",
        "The call is never answered.",
        "no answer",
        "UpstreamBroke",
        calls=(call,),
        hangs=True,
        lasts=UNTIL_RESET,
    )


for _call in ("exchange", "api-user"):
    _replies(_call, _BOTH)
    _silence(_call)
_replies("exchange", _EXCHANGES)
_add(
    "exchange-other-host",
    "The token comes with a host that is not GitHub's, to which no secret may go.",
    f"endpoints.api {OTHER_HOST}",
    "UpstreamBroke",
    calls=("exchange",),
)
_add("exchange-bare", "Neither life nor host is told.", "{token}", calls=("exchange",))
_add("exchange-iso-date", "The end is told as a date.", "expires_at ISO 8601", calls=("exchange",))
