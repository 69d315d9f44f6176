"""How long a token lives, and how long to wait, by the words and the clock of the service and not by ours."""

from __future__ import annotations

from datetime import UTC, datetime

from jumpseat.model.moments import MAX_WAIT, parse_http_date, parse_moment, parse_retry_after
from jumpseat.transport.wire import Response

MAX_SECONDS = 24 * 3600.0
"""
Choice: no token renewed here lives longer. If one seems to, date and end come from clocks that differ.

A web token lives for about an hour, an exchanged one for less, one of a GitHub App for eight hours.
"""


def served_at(answer: Response) -> float | None:
    """When the service answered, by its own clock (the `Date` header), in seconds since 1970."""
    moment = parse_http_date(answer.headers.get("date", ""))
    return moment.timestamp() if moment else None


def seconds_told(told: object, answer: Response) -> float | None:
    """
    How many seconds a token lives from the answer on; None if that makes no sense.

    `told` is a date, seconds or milliseconds since 1970, or seconds from now. A moment is compared with the
    `Date` of the answer.
    """
    if isinstance(told, str):
        moment = parse_moment(told)
        return _until(moment.timestamp(), answer) if moment else None
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    if told < 1e8:
        return _sensible(float(told))
    return _until(told / 1000 if told > 1e11 else float(told), answer)


def _until(moment: float, answer: Response) -> float | None:
    now = served_at(answer)
    return None if now is None else _sensible(moment - now)


def _sensible(seconds: float) -> float | None:
    return seconds if 0 < seconds <= MAX_SECONDS else None


def wait_told(answer: Response, *, at: float) -> float | None:
    """
    How many seconds to wait before asking again; None if the answer does not say.

    `at` is when it came by our clock, in seconds since 1970; it counts only where the service's is unknown.
    """
    answered_at = served_at(answer) or at
    wait = parse_retry_after(
        answer.headers.get("retry-after", ""), now=datetime.fromtimestamp(answered_at, UTC)
    )
    resets_at = answer.headers.get("x-ratelimit-reset", "")
    if wait is None and resets_at.isascii() and resets_at.isdigit():
        wait = min(max(0.0, float(resets_at) - answered_at), MAX_WAIT)
    return wait
