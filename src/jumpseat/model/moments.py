"""Moments and waits as services write them: ISO 8601, and `Retry-After`."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_WAIT = 24 * 3600.0
"""Choice: seconds. Who is told to come back later than that is told: tomorrow."""


def parse_moment(value: object) -> datetime | None:
    """A moment in ISO 8601, UTC if it does not say; None if it is none."""
    if not isinstance(value, str):
        return None
    try:
        return _aware(datetime.fromisoformat(value))
    except ValueError:
        return None


def parse_retry_after(value: str, *, now: datetime) -> float | None:
    """Seconds to wait by a `Retry-After` header, which holds seconds or a date; None if it makes no sense."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_WAIT)
    when = parse_http_date(text)
    return None if when is None else min(max(0.0, (when - now).total_seconds()), MAX_WAIT)


def parse_http_date(value: str) -> datetime | None:
    """The moment of a `Date` header and its like (RFC 9110, section 5.6.7); None if it is none."""
    try:
        return _aware(parsedate_to_datetime(value))
    except (ValueError, OverflowError):
        return None


def _aware(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)
