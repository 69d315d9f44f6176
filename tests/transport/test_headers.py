"""Tests of what transports do with addresses and headers."""

from __future__ import annotations

import pytest

from jumpseat.model.errors import InvalidRequest
from jumpseat.transport.headers import (
    gather_headers,
    place,
    proxy_for,
    read_set_cookies,
    refuse_line_breaks,
)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("wss://host.example/c/api/chat?accessToken=hush", "wss://host.example/c/api/chat"),
        ("http://user:hush@[::1]:80/x#hush", "http://[::1]:80/x"),
        ("nonsense", ":///nonsense"),
    ],
)
def test_a_shown_address_holds_no_secret(url: str, shown: str) -> None:
    assert place(url).replace("://nonsense", ":///nonsense") == shown


@pytest.mark.parametrize(
    ("url", "proxy", "used"),
    [
        ("https://copilot.example/", "http://proxy.example:8080", True),
        ("https://copilot.example/", "http://127.0.0.1:8080", True),
        ("ws://127.0.0.1:8400/x", "http://127.0.0.1:8080", True),
        ("ws://127.0.0.1:8400/x", "http://proxy.example:8080", False),
        ("http://[::1]/", "http://proxy.example:8080", False),
        ("http://LocalHost/", "http://proxy.example:8080", False),
        ("http://127.0.0.1.evil.example/", "http://proxy.example:8080", True),
        ("https://copilot.example/", None, False),
    ],
)
def test_clear_text_to_this_machine_never_leaves_it_for_a_proxy(
    url: str, proxy: str | None, used: bool
) -> None:
    assert proxy_for(url, proxy) == (proxy if used else None)


@pytest.mark.parametrize("value", ["a\rb", "a\nb", "a\0b"])
def test_a_header_with_a_line_break_is_refused_without_showing_it(value: str) -> None:
    with pytest.raises(InvalidRequest, match="Cookie") as caught:
        refuse_line_breaks("http://x/", {"Cookie": value})
    assert caught.value.param == "Cookie"
    with pytest.raises(InvalidRequest):
        refuse_line_breaks("http://x/", {value: "x"})
    with pytest.raises(InvalidRequest):
        refuse_line_breaks(f"http://x/{value}", {})


def test_ordinary_headers_pass() -> None:
    refuse_line_breaks("http://x/?a=%0d%0a", {"Cookie": "a=b; c=d"})


def test_cookies_that_are_blank_dropped_or_broken_are_left_out() -> None:
    lines = [
        "MUID=1; Path=/",
        "MUID=2; Max-Age=60",
        "_C_Auth=; Path=/",
        "a=x; max-age=0",
        "b=x; Max-Age = -1",
        "no equals",
        "=x",
        'q="1=2"; Secure',
    ]

    assert read_set_cookies(lines) == {"MUID": "2", "q": '"1=2"'}


def test_repeated_headers_are_joined_and_set_cookie_is_not_among_them() -> None:
    headers, cookies = gather_headers(
        [("Via", "a"), ("VIA", "b"), ("set-cookie", "x=1"), ("Set-Cookie", "y=2")]
    )

    assert headers == {"via": "a, b"}
    assert cookies == {"x": "1", "y": "2"}
