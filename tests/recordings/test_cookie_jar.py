"""The cookies of one host, gathered from entries in any order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest

from jumpseat.recordings import cookie_jar
from jumpseat.recordings.cookie_jar import CookieJar
from jumpseat.recordings.entries import Entry, read_entry
from tests.recordings.hars import BEGAN, CLASSIC_PAGE, Exchange, entry_of

HOST = "copilot.microsoft.com"


def entry(at: float, shows: dict[str, str], sets: Sequence[str] = ()) -> Entry:
    found = read_entry(entry_of(Exchange(url=CLASSIC_PAGE, at=at, shows=shows, sets=sets)))
    assert found is not None
    return found


def jar_of(*entries: Entry) -> CookieJar:
    jar = CookieJar(HOST)
    for one in entries:
        jar.add(one)
    return jar


def values(jar: CookieJar, now: float | None = None) -> dict[str, str]:
    return {name: secret.reveal() for name, secret in jar.cookies(now).items()}


def test_the_newest_request_counts_and_what_was_set_since_in_any_order() -> None:
    entries = (
        entry(1, {"old": "1", "MUID": "1"}, ["early=1"]),
        entry(2, {"MUID": "2", "kept": "2"}, ["own=2; Path=/"]),
        entry(3, {}, ["MUID=3", "late=3"]),
        entry(4, {}, ["late=4"]),
    )
    for order in permutations(entries):
        jar = jar_of(*order)

        assert values(jar) == {"MUID": "3", "kept": "2", "own": "2", "late": "4"}
        assert jar.shown_at == (BEGAN + timedelta(minutes=2)).timestamp()


def test_a_blank_value_never_replaces_a_good_one() -> None:
    jar = jar_of(
        entry(1, {"_C_Auth": "good", "MUID": "1"}),
        entry(2, {"_C_Auth": "", "MUID": "1"}, ["MUID=; Path=/", "never=; Path=/"]),
    )

    assert values(jar) == {"_C_Auth": "good", "MUID": "1"}


def test_one_that_ends_at_once_replaces_nothing_either() -> None:
    jar = jar_of(
        entry(1, {"a": "1"}, ["a=deleted; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "b=gone; Max-Age=0"])
    )

    assert values(jar) == {"a": "1"}


def test_a_cookie_for_another_domain_is_not_taken() -> None:
    jar = jar_of(
        entry(1, {}, ["a=1; Domain=evil.example", "b=2; Domain=.microsoft.com", "c=3; Domain=x." + HOST])
    )

    assert values(jar) == {"b": "2"}


def test_what_has_ended_is_left_out_when_it_is_known() -> None:
    later = (BEGAN + timedelta(minutes=20)).timestamp()
    jar = jar_of(entry(1, {}, ["a=1; Max-Age=60", "b=2"]), entry(1.5, {"a": "1", "b": "2"}))

    assert jar.expires_at("a") == (BEGAN + timedelta(minutes=2)).timestamp()
    assert jar.expires_at("b") is None
    assert jar.expires_at("unknown") is None
    assert values(jar) == {"a": "1", "b": "2"}
    assert values(jar, now=BEGAN.timestamp()) == {"a": "1", "b": "2"}
    assert values(jar, now=later) == {"b": "2"}


def test_another_value_has_another_end() -> None:
    jar = jar_of(entry(1, {}, ["a=1; Max-Age=60"]), entry(2, {"a": "2"}))

    assert jar.expires_at("a") is None


def test_an_empty_jar_has_nothing() -> None:
    assert values(jar_of(entry(1, {}))) == {}


def test_no_more_cookies_are_kept_than_any_browser_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cookie_jar, "MAX_COOKIES", 3)
    jar = jar_of(entry(1, {}, [f"c{number}={number}" for number in range(5)]), entry(2, {}, ["c1=new"]))

    assert values(jar) == {"c0": "0", "c1": "new", "c2": "2"}
