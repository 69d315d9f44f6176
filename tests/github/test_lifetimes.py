"""How long a token lives, by the words of the service alone."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from jumpseat.github.lifetimes import seconds_told, served_at, wait_told
from jumpseat.model.moments import MAX_WAIT
from jumpseat.transport.wire import Response

NOW = 1_800_000_000.0
TWO_DAYS = 2 * 86400.0


def answer(date: float | None = NOW) -> Response:
    headers = {} if date is None else {"date": formatdate(date, usegmt=True)}
    return Response(status=200, headers=headers)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("2027-01-15T08:30:00Z", 1800),
        ("2027-01-15T08:30:00", 1800),
        ("2027-01-15T09:30:00.123456789+01:00", 1800.123456),
        (NOW + 60, 60),
        (int(NOW) + 60, 60),
        ((NOW + 60) * 1000, 60),
        (3600, 3600),
        (0.5, 0.5),
    ],
)
def test_each_usual_form_of_an_end_is_understood(told: object, seconds: float) -> None:
    assert seconds_told(told, answer()) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "told",
    [None, True, -1, 0, [], {}, "soon", "", "2020-01-01T00:00:00Z", NOW, NOW - 60, 1e9, 86401, float("nan")],
)
def test_what_makes_no_sense_is_no_end(told: object) -> None:
    assert seconds_told(told, answer()) is None


@pytest.mark.parametrize("error", [TWO_DAYS, -TWO_DAYS, 0.0])
def test_a_service_whose_clock_is_wrong_is_understood(error: float) -> None:
    assert seconds_told(NOW + error + 3600, answer(NOW + error)) == 3600


@pytest.mark.parametrize("error", [TWO_DAYS, -TWO_DAYS])
def test_two_clocks_that_differ_by_days_are_not_compared(error: float) -> None:
    assert seconds_told(NOW + 3600, answer(NOW + error)) is None


def test_a_moment_means_nothing_where_nobody_says_what_time_it_is() -> None:
    assert seconds_told(NOW + 3600, answer(None)) is None
    assert seconds_told(3600, answer(None)) == 3600


def test_the_service_says_when_it_answered() -> None:
    assert served_at(answer()) == NOW
    assert served_at(Response(status=200, headers={"date": "yesterday"})) is None
    assert served_at(answer(None)) is None


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "5"}, 5),
        ({"retry-after": "5", "x-ratelimit-reset": "99"}, 5),
        ({"retry-after": formatdate(NOW + TWO_DAYS + 5), "date": formatdate(NOW + TWO_DAYS)}, 5),
        ({"retry-after": formatdate(NOW + 5)}, 5),
        ({"x-ratelimit-reset": str(int(NOW - TWO_DAYS) + 5), "date": formatdate(NOW - TWO_DAYS)}, 5),
        ({"x-ratelimit-reset": "0"}, 0),
        ({"x-ratelimit-reset": "9" * 30}, MAX_WAIT),
        ({"x-ratelimit-reset": "soon"}, None),
        ({"x-ratelimit-reset": "²"}, None),
    ],
)
def test_how_long_to_wait_is_told_by_the_services_clock(headers: dict[str, str], wait: float | None) -> None:
    assert wait_told(Response(status=429, headers=headers), at=NOW) == wait
