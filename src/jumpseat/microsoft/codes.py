"""Every error code and HTTP status of the classic protocol: our error, what it means, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from jumpseat.model.errors import (
    ConversationLost,
    HumanCheckRequired,
    InvalidRequest,
    JumpseatError,
    MissingAuthError,
    NotSignedIn,
    QuotaExceeded,
    RateLimited,
    UpstreamBroke,
    UpstreamRefused,
)
from jumpseat.model.masking import masked

HUMAN_CHECK = (
    "Copilot asks for a human check. Open Copilot in your browser with the same account, send one ordinary "
    "message, finish the check, then sign in again (or import a new recording)."
)
"""Word for word what the person is told (classic protocol, section 14)."""

TOO_FAST_SECONDS = 25 * 60.0
"""How long "too many messages" was reported to last (section 12)."""

MAX_SHOWN_CHARS = 200


class Meaning(Struct, frozen=True):
    """What a code means for the user, and which of our errors says so."""

    error: type[JumpseatError]
    what: str
    next_step: str
    code: str | None = None
    """Our stable word, where that of the error's class says too little."""
    proves_refusal: bool = True
    """Coming before any sign of acceptance, it proves that the question was not taken."""


SIGN_IN = "Sign in again: `jumpseat login microsoft`"
_QUOTA = "Wait until it resets, or use another mode"

CODES: Mapping[str, Meaning] = {
    "invalid-event": Meaning(
        UpstreamBroke,
        "Copilot did not accept the order or the shape of what was sent",
        "This is a fault of jumpseat, or Copilot has changed: please report it with the trace",
        code="invalid_event",
    ),
    "text-too-long": Meaning(
        InvalidRequest,
        "the text is longer than Copilot takes",
        "Shorten the text, or split it into several messages",
        code="context_length_exceeded",
    ),
    "too-many-messages": Meaning(
        ConversationLost,
        "the conversation is full, or messages came too fast",
        "Start a new conversation, or wait about 25 minutes",
    ),
    "throttled": Meaning(
        RateLimited,
        "Copilot holds this account back for a while",
        "Wait before asking again",
    ),
    "over-turn-limit": Meaning(
        QuotaExceeded, "the account's quota of turns is used up", "Wait until it resets"
    ),
    "over-reasoning-quota": Meaning(
        QuotaExceeded, "the account's quota for deeper thinking is used up", _QUOTA
    ),
    "over-research-quota": Meaning(QuotaExceeded, "the account's quota for research is used up", _QUOTA),
    "taskLimit": Meaning(QuotaExceeded, "the account's quota of tasks is used up", _QUOTA),
    "chat-service-unavailable": Meaning(
        UpstreamRefused,
        "Copilot does not chat with this account",
        "If you are anonymous, sign in: `jumpseat login microsoft`; if you are signed in, Copilot is not "
        "offered where you are",
        code="not_offered",
    ),
    "blocked": Meaning(
        UpstreamRefused,
        "Copilot's content policy refused this",
        "Ask something else, or in other words",
        code="content_filter",
    ),
    "event-not-recognized": Meaning(
        UpstreamBroke,
        "Copilot no longer understands this version of jumpseat",
        "Update jumpseat",
        code="client_too_old",
    ),
}

UNKNOWN_CODE = Meaning(
    UpstreamBroke,
    "Copilot reported an error that jumpseat does not know",
    "Try again; if it comes back, update jumpseat or report it",
    proves_refusal=False,
)

UNAVAILABLE_MODE = Meaning(
    UpstreamRefused,
    "this mode is not available",
    "Choose another model: not every account has every mode",
    code="mode_not_available",
)

TOO_FAST = Meaning(RateLimited, "messages came too fast", "Wait about 25 minutes")
"""`too-many-messages` where a new conversation cannot help."""

TURN_LIMIT = CODES["over-turn-limit"]

BANNED = Meaning(
    UpstreamRefused,
    "Microsoft has blocked this account from Copilot",
    "Stop using it here and look at the account in your browser",
    code="account_blocked",
    proves_refusal=False,
)

IMAGE_CODES: Mapping[str, Meaning] = {
    "blocked": Meaning(
        UpstreamRefused,
        "Copilot's content policy refused to draw this",
        "Ask for another picture, or in other words",
        code="content_filter",
    ),
    "not-signed-in": Meaning(NotSignedIn, "Copilot draws pictures only for those who are signed in", SIGN_IN),
    "failed": Meaning(
        UpstreamBroke, "Copilot could not draw the picture", "Try again later", code="image_failed"
    ),
    "other": Meaning(
        UpstreamBroke,
        "Copilot gave no picture and no reason",
        "Try again, perhaps in other words",
        code="image_failed",
    ),
}

STATUSES: Mapping[int, Meaning] = {
    401: Meaning(
        MissingAuthError, "the chat token has expired, or is for something else than Copilot chat", SIGN_IN
    ),
    403: Meaning(
        UpstreamRefused,
        "Copilot's front refused us, as a robot or for the region",
        "Open Copilot in your browser to see whether it is offered there; if it is, the setting "
        "JUMPSEAT_MICROSOFT_TLS=chrome decides how the connection looks to the front",
        code="front_refused",
    ),
    404: Meaning(
        ConversationLost, "Copilot does not know this conversation any more", "Start a new conversation"
    ),
    429: Meaning(RateLimited, "too many requests", "Wait before asking again"),
    451: Meaning(
        UpstreamRefused,
        "Copilot is not offered in the country this request came from",
        "There is nothing to be done about it here",
        code="not_offered",
    ),
    460: Meaning(
        UpstreamRefused,
        "Copilot refused this network address",
        "Use it on the machine and network where you signed in: a saved sign-in belongs there. The setting "
        "JUMPSEAT_MICROSOFT_TLS=chrome decides how the connection looks to the front",
        code="network_refused",
    ),
}

_TROUBLE = Meaning(UpstreamBroke, "Copilot has trouble", "Try again later", code="upstream_trouble")
_MOVED = Meaning(
    NotSignedIn,
    "Copilot sent us to another page: not signed in, not served here, or the site has moved",
    f"{SIGN_IN}; if that does not help, the service may have left this protocol",
)
_OTHER_STATUS = Meaning(
    UpstreamBroke, "Copilot gave an answer that makes no sense here", "Update jumpseat, or report it"
)
NOT_THERE = Meaning(
    UpstreamBroke,
    "Copilot has nothing at this address",
    "Check JUMPSEAT_MICROSOFT_URL; if it is right, the service may have left this protocol",
    code="not_found",
)
NOT_JSON = Meaning(
    UpstreamBroke,
    "Copilot answered with a web page where data was expected",
    f"{SIGN_IN}; if that does not help, the service may have left this protocol",
    code="not_json",
)


def status_meaning(status: int) -> Meaning:
    """What an HTTP status of the REST part or the socket's handshake means."""
    if status in STATUSES:
        return STATUSES[status]
    if 300 <= status < 400:
        return _MOVED
    return _TROUBLE if 500 <= status < 600 else _OTHER_STATUS


def shown(value: object) -> str:
    """A word of the server that is fit for a message: one line of printable characters, masked, cut short."""
    text = masked(value) if isinstance(value, str) else ""
    return "".join(char if char.isprintable() else " " for char in text[:MAX_SHOWN_CHARS]).strip()


def make_error(
    meaning: Meaning,
    *,
    remark: str = "",
    until: datetime | None = None,
    retry_after: float | None = None,
    may_be_delivered: bool = False,
) -> JumpseatError:
    """
    The error for `meaning`, whose message says what happened and what to do next.

    `remark` is what the server said itself (see `shown`), `until` when things get better, `retry_after` the
    same in seconds.
    """
    when = f" (until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC)" if until else ""
    message = f"{meaning.what[:1].upper()}{meaning.what[1:]}{when}{remark and f' ({remark})'}. "
    message += f"{meaning.next_step}."
    error: JumpseatError
    if issubclass(meaning.error, RateLimited):
        error = meaning.error(message, retry_after=retry_after, code=meaning.code)
    elif issubclass(meaning.error, QuotaExceeded):
        error = meaning.error(message, resets_at=until, code=meaning.code)
    elif issubclass(meaning.error, InvalidRequest):
        error = meaning.error(message, param="messages", code=meaning.code)
    else:
        error = meaning.error(message, code=meaning.code)
    error.may_be_delivered = may_be_delivered
    return error


def status_error(
    status: int, *, retry_after: float | None = None, may_be_delivered: bool = False
) -> JumpseatError:
    """The error for an HTTP status; `retry_after` is the Retry-After header in seconds."""
    return make_error(
        status_meaning(status),
        remark=f"HTTP {status}",
        retry_after=retry_after,
        may_be_delivered=may_be_delivered,
    )


def human_check(*, may_be_delivered: bool) -> HumanCheckRequired:
    """The error for a challenge of any kind: it is never answered."""
    return HumanCheckRequired(HUMAN_CHECK, may_be_delivered=may_be_delivered)
