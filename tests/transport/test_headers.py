"""Tests of what transports do with addresses and headers."""

from __future__ import annotations

import traceback

import pytest

from jumpseat.model.errors import InvalidRequest
from jumpseat.transport.headers import (
    checked_proxy,
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


@pytest.mark.parametrize(
    "proxy",
    [
        "http://user:canary@[bad",
        "http://user:canary@host:notaport",
        "http://user:canary@h ost:80",
        "http://user:canary@host:80\r\nX: y",
        "ftp://user:canary@host:21",
        "user:canary@host:80",
        "http://user:canary@",
        "host:80",
    ],
)
def test_what_is_no_proxy_is_refused_without_being_quoted(proxy: str) -> None:
    with pytest.raises(InvalidRequest, match="must be an address") as refused:
        checked_proxy(proxy)

    assert refused.value.param == "proxy"
    assert "canary" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("proxy", ["http://host:80", "https://user:word@host", "socks5h://[::1]:9050"])
def test_a_proxy_is_taken_as_it_is(proxy: str) -> None:
    assert checked_proxy(proxy) == proxy


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_proxy_is_none(nothing: str | None) -> None:
    assert checked_proxy(nothing) is None
