"""The entries of a recording, whatever their types."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumpseat.recordings.entries import MAX_ODD, NEVER, Cookie, Entry, Frame, read_entry
from tests.recordings.hars import BEGAN, pair

URL = "https://copilot.microsoft.com/c/api/chat"


def made(request: Any = None, response: Any = None, **more: Any) -> Entry:
    content = {"request": {"url": URL} | (request or {}), "response": response or {}} | more
    entry = read_entry(json.dumps(content).encode())
    assert entry is not None
    return entry


def with_query(query: str, *listed: dict[str, Any]) -> Entry:
    return made({"url": f"{URL}?{query}", "queryString": list(listed)})


@pytest.mark.parametrize(
    "raw",
    [
        b"3",
        b"null",
        b"[]",
        b"{}",
        b"{",
        b'{"request": "x"}',
        b'{"request": {"url": 3}}',
        b'{"request": {"url": "data:,"}}',
        b'{"request": {"url": "https://a.example/\xff"}}',
        b'{"request": {"url": "https://a.example/"}, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_no_exchange_is_none(raw: bytes) -> None:
    assert read_entry(raw) is None


@pytest.mark.parametrize("odd", [None, 3, "x", [], [3], {"a": 1}, [[]], [{"name": 1, "value": "x"}]])
def test_fields_of_odd_types_are_passed_over(odd: Any) -> None:
    entry = made(
        {"headers": odd, "cookies": odd, "queryString": odd},
        {"status": "200", "headers": odd, "cookies": odd, "content": odd, "redirectURL": odd},
        startedDateTime=odd,
        _webSocketMessages=odd,
    )

    assert (entry.at, entry.status, entry.body("")) == (NEVER, 0, "")
    assert [*entry.shown_cookies(), *entry.set_cookies(), *entry.frames()] == []
    assert entry.header("a") == entry.answer_header("a") == entry.parameter("a") == ""
    assert entry.redirected_to() is None
    assert made(response=odd).status == 0


@pytest.mark.parametrize(
    "told", ["2026-11-20T10:00:00.000Z", "2026-11-20T11:00:00+01:00", "2026-11-20T10:00:00"]
)
def test_a_moment_may_have_any_zone(told: str) -> None:
    assert made(startedDateTime=told).at == BEGAN.timestamp()


@pytest.mark.parametrize(
    ("written", "value"),
    [("a%2Bb%3D%3D", "a+b=="), ("a+b==", "a+b=="), ("a%252Bb", "a%2Bb"), ("a/b", "a/b"), ("%zz", "%zz")],
)
def test_a_parameter_is_decoded_once_and_keeps_its_plus(written: str, value: str) -> None:
    assert with_query(f"other&t={written}&t=later").parameter("t") == value


def test_the_query_list_is_only_a_fallback() -> None:
    assert with_query("t=", pair("t", "listed%2B"), pair("u", "x")).parameter("t") == "listed+"
    assert with_query("t=own", pair("t", "listed")).parameter("t") == "own"
    assert list(with_query("a%20b=c%2Fd&e").parameters()) == [("a b", "c/d"), ("e", "")]


def test_of_headers_of_one_name_the_last_counts_in_any_case() -> None:
    headers = [pair("AUTHORIZATION", "one"), pair("authorization", "two"), pair("x", "y")]

    assert made({"headers": headers}).header("authorization") == "two"
    assert made({}, {"headers": headers}).answer_header("authorization") == "two"


def test_cookies_are_those_of_the_list_and_then_of_the_headers() -> None:
    cookies = [pair("MUID", "1") | {"domain": 3, "expires": "2026-11-20T10:00:00Z"}, pair("bad name", "x")]
    headers = [
        pair("x", "y"),
        pair("COOKIE", "MUID=2; broken; =x; blank="),
        pair("cookie", ' extra="a=b"; nul=\0; é=1'),
    ]

    assert list(made({"headers": headers, "cookies": cookies}).shown_cookies()) == [
        Cookie("MUID", "1", "", BEGAN.timestamp()),
        Cookie("MUID", "2"),
        Cookie("broken", ""),
        Cookie("blank", ""),
        Cookie("extra", '"a=b"'),
    ]


def test_set_cookies_tell_domain_and_end() -> None:
    lines = (
        "a=1; Path=/; Domain=.microsoft.com; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT\n"
        "b=2; expires=Fri, 20-Nov-2026 10:00:00 -0000\nc=; HttpOnly\n\n"
        "d=4; expires=never; max-age=soon\ne=5; expires=1 Jan 99999999999999999999 00:00:00"
    )
    cookies = [pair("z", "0") | {"domain": "x.example"}, pair("a", "without domain")]
    response = {"cookies": cookies, "headers": [pair("x", "y=z"), pair("SET-COOKIE", lines)]}
    began = BEGAN.timestamp()

    assert list(made({}, response, startedDateTime="2026-11-20T10:00:00Z").set_cookies()) == [
        Cookie("a", "1", ".microsoft.com", began + 60),
        Cookie("b", "2", "", began),
        Cookie("c", ""),
        Cookie("d", "4"),
        Cookie("e", "5"),
        Cookie("z", "0", "x.example"),
    ]
    # An age alone says nothing when nobody says when it was.
    assert next(cookie.expires_at for cookie in made({}, response).set_cookies()) == 0.0


def test_frames_keep_their_own_time() -> None:
    frames = [
        {"type": "send", "time": 5.5, "opcode": 1, "data": "a"},
        {"type": "receive", "data": "b"},
        {"type": "receive", "data": "c", "time": -1},
        {"type": "receive", "data": "d", "time": 10**300},
        {"type": "error", "opcode": -1, "data": "e", "time": "x"},
        {"type": "receive", "data": 3},
        7,
    ]
    entry = made(startedDateTime="2026-11-20T10:00:00Z", _webSocketMessages=frames)

    assert list(entry.frames()) == [
        Frame(True, "a", 5.5),
        Frame(False, "b", 5.5),
        Frame(False, "c", 5.5),
        Frame(False, "d", 5.5),
        Frame(False, "e", 5.5),
    ]
    assert next(made(_webSocketMessages=frames[1:]).frames()).at == NEVER
    assert entry.has_frames
    assert not made(_webSocketMessages=[]).has_frames
    assert not made().has_frames


@pytest.mark.parametrize(
    ("request_", "response", "is_bare"),
    [
        ({}, {}, True),
        ({"cookies": [], "headers": [pair("accept", "cookie")]}, {"cookies": None}, True),
        ({"cookies": [pair("a", "b")]}, {}, False),
        ({"headers": [pair("Cookie", "a=b")]}, {}, False),
        ({"headers": [pair("AUTHORIZATION", "Bearer x")]}, {}, False),
        ({}, {"cookies": [pair("a", "b")]}, False),
        ({}, {"headers": [pair("set-cookie", "a=b")]}, False),
    ],
)
def test_a_bare_entry_has_nothing_that_sanitizing_takes_out(
    request_: Any, response: Any, is_bare: bool
) -> None:
    assert made(request_, response).is_bare == is_bare


def test_a_redirect_is_known_by_status_and_place() -> None:
    there = "https://login.live.com/x?y"
    by_header = made({}, {"status": 302, "headers": [pair("Location", there)]}).redirected_to()
    by_field = made({}, {"status": 307, "redirectURL": there}).redirected_to()

    assert by_header is not None
    assert by_header.host == "login.live.com"
    assert by_header == by_field
    assert made({}, {"status": 302, "redirectURL": "/here"}).redirected_to() is None
    assert made({}, {"status": 200, "redirectURL": there}).redirected_to() is None


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"mimeType": "Text/HTML; charset=utf-8", "text": "hello"}, "hello"),
        ({"mimeType": "text/html", "text": "aGVsbG8=", "encoding": "base64"}, "hello"),
        ({"mimeType": "text/html", "text": "/w==", "encoding": "base64"}, "\ufffd"),
        ({"mimeType": "text/html", "text": "a", "encoding": "base64"}, ""),
        ({"mimeType": "text/html", "text": "é", "encoding": "base64"}, ""),
        ({"mimeType": "text/html", "text": 3}, ""),
        ({"mimeType": "image/png", "text": "hello"}, ""),
        ({"mimeType": None, "text": "hello"}, ""),
    ],
)
def test_a_body_is_read_where_its_type_fits(content: Any, text: str) -> None:
    assert made({}, {"content": content}).body("html") == text


@given(st.text(max_size=80))
def test_no_set_cookie_line_whatever_makes_it_fall_over(line: str) -> None:
    text = line.encode("utf-8", "replace").decode()
    lines = [pair("set-cookie", f"a=b; expires={text}; max-age={text}"), pair("set-cookie", text)]

    assert Cookie("a", "b") in [
        Cookie(cookie.name, cookie.value) for cookie in made({}, {"headers": lines}).set_cookies()
    ] or any(mark in text for mark in ";\n")


def test_neither_cookies_nor_frames_show_what_they_hold() -> None:
    shown = repr([Cookie("user_session", "canary"), Frame(True, "canary", 0.0), Frame(False, "canary", 0.0)])

    assert shown == "[Cookie(user_session), Frame(sent, 6 characters), Frame(received, 6 characters)]"


def test_a_few_odd_items_are_borne_in_a_list_and_no_more() -> None:
    odd: list[Any] = [3, {"name": "x"}, [], "x"] * (MAX_ODD // 4)
    good = [pair("authorization", "first")]

    assert made({"headers": [*odd, *good]}).header("authorization") == "first"
    assert (
        made({"headers": [*good, *odd, 3, pair("authorization", "never")]}).header("authorization") == "first"
    )


def test_a_list_of_nothing_but_odd_items_takes_little_memory() -> None:
    raw = b'{"request": {"url": "%b", "headers": [%b3]}}' % (URL.encode(), b"3," * 1_000_000)
    tracemalloc.start()
    try:
        entry = read_entry(raw)
        assert entry is not None
        assert entry.header("authorization") == ""
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8 * len(raw)
