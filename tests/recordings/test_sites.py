"""Which part of which Copilot an address belongs to."""

from __future__ import annotations

import pytest

from jumpseat.recordings.sites import Address, Place, is_shown, parse_address, sites_for

MICROSOFT, GITHUB, OWN = "copilot.microsoft.com", "github.com", "127.0.0.1"


def place(url: str, host: str = MICROSOFT) -> Place | None:
    address = parse_address(url)
    assert address is not None
    return sites_for(host).place_of(address)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://A.Example./p/q?x=1&y#z", Address("https", "a.example", "/p/q", "x=1&y")),
        ("WSS://user:pw@h.example:8443?q", Address("wss", "h.example", "", "q")),
        ("http://[::1]:8400/", Address("http", "::1", "/", "")),
        # A browser ends the host at a backslash too.
        (
            "https://x@evil.example\\copilot.microsoft.com/",
            Address("https", "evil.example", "\\copilot.microsoft.com/", ""),
        ),
        ("data:text/plain,x", None),
        ("/c/api/chat", None),
        ("", None),
        (None, None),
        (3, None),
    ],
)
def test_an_address_is_taken_apart_or_is_none(url: object, address: Address | None) -> None:
    assert parse_address(url) == address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://copilot.microsoft.com/c/api/user", "classic-call"),
        ("https://copilot.com/c/api/start", "classic-call"),
        ("wss://copilot.microsoft.com/c/api/chat?accessToken=t", "classic-socket"),
        ("https://COPILOT.microsoft.com./c/api/chat", "classic-socket"),
        ("ws://copilot.com/c/api/chat/", "classic-socket"),
        ("https://copilot.microsoft.com/c/api/chatter", "classic-call"),
        ("https://copilot.microsoft.com/", "classic-page"),
        ("https://copilot.com/chat", "chathub-page"),
        ("https://www.copilot.com/", "chathub-page"),
        ("https://m365.cloud.microsoft/chat", "chathub-page"),
        ("https://copilot.cloud.microsoft/", "chathub-page"),
        ("wss://substrate.office.com/m365Copilot/Chathub/a@b", "chathub-socket"),
        ("https://substrate.svc.cloud.microsoft/m365Copilot/Chathub/a@b", "chathub-socket"),
        ("https://substrate.office.com/m365Copilot/UploadFile", "other-api"),
        ("https://graph.microsoft.com/v1.0/me", "other-api"),
        ("https://login.microsoftonline.com/common/oauth2/v2.0/token", "sign-in"),
        ("wss://x.webpubsub.azure.com/client/", "notifications"),
        ("https://github.com/copilot", "github"),
        ("https://api.github.com/", "github"),
        ("https://api.individual.githubcopilot.com/chat", "github"),
        ("https://copilotstudio.microsoft.com/", "studio"),
        ("http://copilot.microsoft.com/c/api/user", None),
        ("http://copilot.microsoft.com/c/api/chat", None),
        ("ftp://copilot.microsoft.com/c/api/chat", None),
        ("ftp://substrate.office.com/m365Copilot/Chathub/a@b", None),
        ("https://copilot.microsoft.com.evil.example/c/api/chat", None),
        ("https://evil.example/https://copilot.microsoft.com/c/api/chat", None),
        ("https://evilgithubcopilot.com/", None),
        ("https://www.bing.com/", None),
    ],
)
def test_scheme_host_and_path_make_the_class(url: str, expected: Place | None) -> None:
    assert place(url) == expected


@pytest.mark.parametrize("host", ["copilot.com", "www.copilot.com", "m365.cloud.microsoft"])
def test_asking_for_any_of_microsofts_sites_asks_for_both_generations(host: str) -> None:
    assert place("https://copilot.microsoft.com/c/api/user", host) == "classic-call"
    assert place("wss://substrate.office.com/m365Copilot/Chathub/a@b", host) == "chathub-socket"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/copilot", "github"),
        ("http://github.com/copilot", None),
        ("https://gist.github.com/", None),
        ("https://api.individual.githubcopilot.com/chat", None),
        ("https://copilot.com/chat", "chathub-page"),
        ("https://login.live.com/", None),
    ],
)
def test_for_github_its_own_host_counts_and_microsofts_are_known(url: str, expected: Place | None) -> None:
    assert place(url, GITHUB) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8400/c/api/user", "classic-call"),
        ("ws://127.0.0.1:8400/c/api/chat", "classic-socket"),
        ("http://127.0.0.1:8400/", "classic-page"),
        ("ftp://127.0.0.1/", None),
        ("https://copilot.microsoft.com/c/api/user", None),
    ],
)
def test_a_host_of_ones_own_speaks_as_the_classic_one_and_stands_alone(
    url: str, expected: Place | None
) -> None:
    assert place(url, OWN) == expected


def test_a_cookie_is_shown_to_its_domain_and_below() -> None:
    assert is_shown("", "github.com")
    assert is_shown("GitHub.com", "github.com")
    assert is_shown(".microsoft.com", "copilot.microsoft.com")
    assert not is_shown("hub.com", "github.com")
    assert not is_shown("gist.github.com", "github.com")


def test_the_query_of_an_address_is_not_shown() -> None:
    address = parse_address("wss://h.example/c/api/chat?accessToken=canary")

    assert repr(address) == "Address(wss://h.example/c/api/chat)"
