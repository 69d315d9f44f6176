"""The errors of one classic turn: a frame that reports one, a socket that closes too early."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from jumpseat.microsoft.codes import (
    BANNED,
    CODES,
    IMAGE_CODES,
    TOO_FAST,
    TOO_FAST_SECONDS,
    TURN_LIMIT,
    UNAVAILABLE_MODE,
    UNKNOWN_CODE,
    Meaning,
    make_error,
    shown,
)
from jumpseat.microsoft.frames import Incoming
from jumpseat.microsoft.modes import SAFE_MODES
from jumpseat.microsoft.parts import text_of
from jumpseat.model.errors import JumpseatError, UpstreamBroke, UpstreamInterrupted
from jumpseat.model.moments import parse_moment

Trace = Iterable[tuple[str, int]]


def told(trace: Trace) -> str:
    """The trace as a sentence: names and lengths, never a body (classic protocol, sections 5 and 12)."""
    return "Last frames and their lengths: " + ", ".join(f"{name} {size}" for name, size in trace)


def meaning_of(frame: Incoming, *, mode: str, is_too_fast: bool) -> Meaning:
    """What a frame that reports trouble means; `is_too_fast`: a full conversation is no explanation."""
    code = text_of(frame.error_code)
    match frame.event:
        case "imageGenerationFailed":
            return IMAGE_CODES.get(code, IMAGE_CODES["other"])
        case "turnLimitReached":
            return TURN_LIMIT
        case "banned":
            return BANNED
    if code == "invalid-event" and mode not in SAFE_MODES:
        return UNAVAILABLE_MODE
    if code == "too-many-messages" and is_too_fast:
        return TOO_FAST
    return CODES.get(code, UNKNOWN_CODE)


def reported(
    frame: Incoming, meaning: Meaning, *, trace: Trace, now: datetime | None, may_be_delivered: bool
) -> JumpseatError:
    """The error for a frame: its meaning, the server's own words, and when to come back, if it says."""
    code = text_of(frame.error_code)
    said = ": ".join(filter(None, (shown(code), shown(frame.message))))
    if code == "invalid-event":
        said = f"{said}. {told(trace)}"
    detail = frame.error_detail if isinstance(frame.error_detail, dict) else {}
    until = parse_moment(detail.get("nextAvailableAt")) or parse_moment(frame.next_available_at)
    until = until or parse_moment(frame.ban_expires_at)
    retry_after = max(0.0, (until - now).total_seconds()) if until and now else None
    if meaning is TOO_FAST and retry_after is None:
        retry_after = TOO_FAST_SECONDS
    return make_error(
        meaning, remark=said, until=until, retry_after=retry_after, may_be_delivered=may_be_delivered
    )


def cut_short(
    code: int | None, *, has_shown: bool, is_given_out: bool, may_be_delivered: bool
) -> UpstreamBroke:
    """The error for a socket that closed before the answer was whole (section 12)."""
    how = f"closed the connection{'' if code is None else f' (code {code})'}"
    if has_shown:
        return UpstreamInterrupted(
            f"Copilot {how} in the middle of its answer. What came so far stands; ask again for the rest.",
            may_be_delivered=may_be_delivered,
        )
    if not is_given_out:
        return UpstreamBroke(f"Copilot {how} before the question was sent. Try again later.")
    return UpstreamBroke(
        f"Copilot {how} without replying. Try again later; if it keeps doing so, sign in again: "
        "`jumpseat login microsoft`.",
        may_be_delivered=may_be_delivered,
    )


def makes_sense_no_more(what: str, trace: Trace, *, may_be_delivered: bool) -> UpstreamBroke:
    """The error for frames that break the protocol."""
    return UpstreamBroke(
        f"Copilot {what}. Try again later, or report it with the trace. {told(trace)}",
        may_be_delivered=may_be_delivered,
    )
