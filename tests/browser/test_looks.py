"""What is asked of a page, and what its answer means."""

from __future__ import annotations

from typing import Any

import pytest

from jumpseat.browser.looks import cookie_in, origin_of, storage_in, storage_question
from jumpseat.model.credentials import Secret


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://copilot.microsoft.com/chats/1?q=2#3", "https://copilot.microsoft.com"),
        ("https://copilot.microsoft.com:443/", "https://copilot.microsoft.com"),
        ("http://127.0.0.1:8400/", "http://127.0.0.1:8400"),
        ("http://[::1]:80/", "http://[::1]"),
        ("https://Copilot.Microsoft.com/", "https://copilot.microsoft.com"),
        # A host that only begins like another is another host.
        ("https://copilot.microsoft.com.evil.example/", "https://copilot.microsoft.com.evil.example"),
        ("https://me@evil.example/https://copilot.microsoft.com", "https://evil.example"),
        ("about:blank", None),
        ("chrome-error://chromewebdata/", None),
        ("https:///path", None),
        ("https://host:none/", None),
        ("", None),
    ],
)
def test_the_origin_of_an_address(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin


def test_the_page_compares_its_own_origin() -> None:
    assert storage_question(["https://a", 'https://"b']) == {
        "expression": 'location.origin === "https://a" || location.origin === "https://\\"b" '
        "? {...localStorage} : {}",
        "returnByValue": True,
    }
    assert storage_question([])["expression"] == "false ? {...localStorage} : {}"


@pytest.mark.parametrize(
    ("answer", "storage"),
    [
        ({"result": {"type": "object", "value": {"key": "text"}}}, {"key": "text"}),
        ({"result": {"type": "object", "value": {"key": "text", "odd": 1}}}, {"key": "text"}),
        ({"result": {"type": "object", "subtype": "error"}, "exceptionDetails": {}}, {}),
        ({"result": {"value": "text"}}, {}),
        ({}, {}),
    ],
)
def test_the_storage_in_an_answer(answer: dict[str, Any], storage: dict[str, str]) -> None:
    assert storage_in(answer) == storage


@pytest.mark.parametrize(
    ("expires", "moment"), [({"expires": 1795227560.5}, 1795227560.5), ({"expires": -1}, None), ({}, None)]
)
def test_a_cookie_with_and_without_an_end(expires: dict[str, float], moment: float | None) -> None:
    cookie = cookie_in({"name": "n", "value": "v", "domain": ".microsoft.com", **expires})

    assert (cookie.name, cookie.value, cookie.domain) == ("n", Secret("v"), ".microsoft.com")
    assert cookie.expires_at == moment
