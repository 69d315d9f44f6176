"""Tests of cookie exports."""

from __future__ import annotations

import msgspec
import pytest

from jumpseat.recordings import BadRecording
from jumpseat.recordings.cookie_exports import holds_cookies, read_cookies


def read(content: object, host: str = "copilot.microsoft.com") -> dict[str, str]:
    cookies = read_cookies(msgspec.json.encode(content), host)
    return {name: secret.reveal() for name, secret in cookies.items()}


def test_a_list_of_cookies_is_filtered_as_a_browser_would() -> None:
    exported = [
        {"name": "own", "value": "1", "domain": "copilot.microsoft.com"},
        {"name": "parent", "value": "2", "domain": ".Microsoft.com"},
        {"name": "nowhere", "value": "3"},
        {"name": "odd", "value": "4", "domain": 5},
        {"name": "other", "value": "5", "domain": "evil-copilot.microsoft.com.example"},
        {"name": "near", "value": "6", "domain": "xcopilot.microsoft.com"},
        {"name": "deeper", "value": "7", "domain": "a.copilot.microsoft.com"},
    ]

    assert read(exported) == {"own": "1", "parent": "2", "nowhere": "3", "odd": "4"}


def test_blank_and_odd_items_are_left_out() -> None:
    exported = [
        {"name": "a", "value": ""},
        {"name": "", "value": "x"},
        {"name": 1, "value": "x"},
        3,
        {"name": "b"},
    ]

    assert read([*exported, {"name": "good", "value": "x"}]) == {"good": "x"}


def test_names_and_values_alone_are_enough() -> None:
    assert read({"user_session": "s", "n": 3}, "github.com") == {"user_session": "s"}
    assert read({"cookies": "a cookie of that name"}) == {"cookies": "a cookie of that name"}


def test_what_browser_drivers_store_is_read() -> None:
    assert read({"cookies": [{"name": "a", "value": "b", "domain": ".microsoft.com"}], "origins": []}) == {
        "a": "b"
    }


def test_a_byte_order_mark_is_accepted() -> None:
    assert list(read_cookies(b'\xef\xbb\xbf{"a": "b"}', "github.com")) == ["a"]


@pytest.mark.parametrize("content", [[], {}, 3, "text", [{"name": "a", "value": "b", "domain": "x.example"}]])
def test_an_export_of_other_sites_lists_their_domains(content: object) -> None:
    with pytest.raises(BadRecording, match=r"copilot\.microsoft\.com") as caught:
        read(content)
    assert caught.value.reason == "NoCookies"
    assert ("x.example" in caught.value.message) == bool(isinstance(content, list) and content)


@pytest.mark.parametrize("data", [b"", b"# Netscape HTTP Cookie File", b'{"a": "\xff"}'])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(BadRecording) as caught:
        read_cookies(data, "github.com")
    assert caught.value.reason == "NotAHar"


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (b'[{"name": "a", "value": "b"}]', True),
        (b'\xef\xbb\xbf{"cookies": [3, {"name": "a", "value": "b"}]}', True),
        (b'{"a": "b"}', True),
        (b'{"a": "b", "c": 3}', False),
        (b'{"cookies": []}', False),
        (b"{}", False),
        (b"[]", False),
        (b"3", False),
        (b"[", False),
        (b"[" * 100_000, False),
        (b'["\xff"]', False),
    ],
)
def test_a_cookie_export_is_told_from_other_json(data: bytes, is_one: bool) -> None:
    assert holds_cookies(data) == is_one
