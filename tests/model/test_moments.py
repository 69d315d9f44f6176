"""Moments and waits, in every form that services write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jumpseat.model.moments import parse_moment, parse_retry_after

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "when"),
    [
        ("2026-08-13T15:17:13+00:00", datetime(2026, 8, 13, 15, 17, 13, tzinfo=UTC)),
        ("2026-08-13T15:17:13.1234567Z", datetime(2026, 8, 13, 15, 17, 13, 123456, tzinfo=UTC)),
        ("2026-08-13T15:17:13", datetime(2026, 8, 13, 15, 17, 13, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        (None, None),
        (1786634233, None),
    ],
)
def test_a_moment_is_read_or_is_none(value: object, when: datetime | None) -> None:
    assert parse_moment(value) == when


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("999999999", 86_400.0),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2026 12:00:30 -0000", 30.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0),
        ("Fri, 20 Nov 2036 11:00:00 GMT", 86_400.0),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("9" * 400, 86_400.0),
        (f"Fri, 20 Nov {'9' * 30} 11:00:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after_holds_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, now=NOW) == seconds
