"""What is gathered from the entries of a recording, one at a time."""

from __future__ import annotations

from typing import Any

import pytest

from jumpseat.model.credentials import Secret
from jumpseat.recordings import gathering
from jumpseat.recordings.entries import read_entry
from jumpseat.recordings.gathering import MAX_HOSTS, Gathering
from tests.recordings.hars import (
    BEARER,
    CHATHUB_PAGE,
    CHATHUB_TOKEN,
    CLASSIC_PAGE,
    CLASSIC_SOCKET,
    CLASSIC_USER,
    GITHUB_PAGE,
    GRAPH,
    NOTIFICATIONS,
    TELEMETRY,
    TOKEN,
    TOKEN_ENDPOINT,
    Exchange,
    chathub_socket,
    entry_of,
    final,
)

HOST = "copilot.microsoft.com"
ANSWER = '{"access_token":"granted","scope":"%s","expires_in":4000}'


def gather(*exchanges: Exchange, host: str = HOST, **options: Any) -> Gathering:
    gathering = Gathering(host, **options)
    for exchange in exchanges:
        entry = read_entry(entry_of(exchange))
        assert entry is not None
        gathering.add(entry)
    return gathering


def signs(gathering: Gathering) -> set[str]:
    every = ("challenge", "good-turn", "not-served", "sent-to-sign-in", "human-check", "page", "opened")
    return {name for name in every if gathering.signs.has(name)}


def tokens(gathering: Gathering) -> dict[object, str]:
    return {key: token.secret.reveal() for key, token in gathering.tokens.items()}


def test_what_is_of_no_class_leaves_nothing_but_its_host() -> None:
    seen = gather(Exchange(url=TELEMETRY, shows={"MC1": "x"}))

    assert seen.hosts == {"browser.events.data.microsoft.com"}
    assert not (seen.places)
    assert not (seen.jars)
    assert not (seen.tokens)
    assert not seen.is_bare
    assert gather(Exchange(url=TELEMETRY)).is_bare


def test_only_so_many_hosts_are_kept() -> None:
    seen = gather(*(Exchange(url=f"https://h{number}.example/") for number in range(MAX_HOSTS + 5)))

    assert len(seen.hosts) == MAX_HOSTS


def test_of_each_chat_the_newest_token_is_kept() -> None:
    newer = CLASSIC_SOCKET.replace("EwBw", "New")
    seen = gather(
        Exchange(url=newer, at=5),
        Exchange(url=CLASSIC_SOCKET, at=1),
        Exchange(url=CLASSIC_USER, at=9, headers={"Authorization": f"Bearer {BEARER}"}),
        Exchange(url=chathub_socket()),
    )

    assert tokens(seen) == {
        ("classic", None): TOKEN.replace("EwBw", "New"),
        ("chathub", "personal"): CHATHUB_TOKEN,
    }


def test_the_newest_identity_is_kept_from_addresses_and_headers() -> None:
    seen = gather(
        Exchange(url=CLASSIC_SOCKET + "&X-UserIdentityType=google", at=2),
        Exchange(url=CLASSIC_USER, at=1, headers={"x-useridentitytype": "apple"}),
        Exchange(url=CLASSIC_USER, at=3, headers={"X-UserIdentityType": "no\ntype"}),
        Exchange(url=CHATHUB_PAGE, at=4, headers={"X-UserIdentityType": "other"}),
    )

    assert seen.identity_type == "google"
    assert gather(Exchange(url=CLASSIC_USER)).identity_type is None


@pytest.mark.parametrize(
    ("url", "has_none", "was_taken_out"),
    [
        ("wss://copilot.microsoft.com/c/api/chat", True, False),
        ("wss://copilot.microsoft.com/c/api/chat?accessToken=[accessToken+-+redacted]", False, True),
        (chathub_socket(token="REDACTED"), False, True),
        (CLASSIC_SOCKET, False, False),
    ],
)
def test_a_socket_without_a_token_is_told_from_one_whose_token_was_taken_out(
    url: str, has_none: bool, was_taken_out: bool
) -> None:
    seen = gather(Exchange(url=url))

    assert (seen.has_socket_without_token, seen.token_was_taken_out) == (has_none, was_taken_out)


LOGIN = {"Location": "https://login.live.com/oauth20_authorize.srf?x=1"}


@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        (Exchange(url=CLASSIC_PAGE), {"page"}),
        (Exchange(url=CLASSIC_PAGE, status=404), set()),
        (Exchange(url=CLASSIC_PAGE, status=302, answers=LOGIN), {"sent-to-sign-in"}),
        (Exchange(url=CHATHUB_PAGE, status=302, answers=LOGIN), {"sent-to-sign-in"}),
        (Exchange(url=CLASSIC_PAGE, status=302, answers={"Location": "https://copilot.com/"}), set()),
        (
            Exchange(url=CLASSIC_PAGE, status=302, answers={"Location": "https://x.example/?login.live.com"}),
            set(),
        ),
        (Exchange(url=CLASSIC_USER, status=451), {"not-served"}),
        (Exchange(url=CHATHUB_PAGE, status=451), {"not-served"}),
        (Exchange(url=chathub_socket(), status=451), {"not-served"}),
        (Exchange(url=TELEMETRY, status=451), set()),
        (Exchange(url=CLASSIC_SOCKET, status=101), {"opened"}),
        (Exchange(url=CLASSIC_SOCKET, status=101, received=('{"event":"done"}',)), {"good-turn"}),
        (Exchange(url=CLASSIC_SOCKET, status=101, received=('{"event":"challenge"}',)), {"challenge"}),
        (Exchange(url=CLASSIC_SOCKET, status=101, received=(final("Success"),)), set()),
        (Exchange(url=chathub_socket(), status=101, received=(final("Success"),)), {"good-turn"}),
        (Exchange(url=chathub_socket(), received=(final("CaptchaChallenge"),)), {"challenge"}),
        (Exchange(url=CHATHUB_PAGE, body="<h1>Verify you are human</h1>"), {"human-check"}),
        (Exchange(url=CHATHUB_PAGE, body="Verification required", is_base64=True), {"human-check"}),
        (Exchange(url=CLASSIC_USER, status=403, answers={"CF-Mitigated": "challenge"}), {"human-check"}),
        (Exchange(url=CHATHUB_PAGE, body="<script>" + "verify you are human " * 5000), {"page"}),
        (Exchange(url=CHATHUB_PAGE, body="verify you are human " * 5000, status=403), {"human-check"}),
        (Exchange(url=CHATHUB_PAGE, body="Verify you are human", mime_type="text/javascript"), {"page"}),
    ],
)
def test_signs_are_read_from_answers_and_frames(exchange: Exchange, expected: set[str]) -> None:
    assert signs(gather(exchange)) == expected


def test_answers_of_the_sign_in_service_are_read_only_with_consent() -> None:
    answer = Exchange(
        url=TOKEN_ENDPOINT, mime_type="application/json", body=ANSWER % "x/ChatAI.ReadWrite openid"
    )

    assert tokens(gather(answer)) == {}
    assert tokens(gather(answer, read_token_responses=True)) == {("classic", None): "granted"}
    assert Secret("granted") in gather(answer, read_token_responses=True).granted


@pytest.mark.parametrize(
    ("scope", "audience"),
    [
        ("https://graph.microsoft.com/User.Read openid", "https://graph.microsoft.com/User.Read"),
        ("", "another service"),
        ("\\u001b[31m", "another service"),
    ],
)
def test_another_audience_is_named_by_its_scope(scope: str, audience: str) -> None:
    answer = Exchange(url=TOKEN_ENDPOINT, mime_type="application/json", body=ANSWER % scope)
    seen = gather(answer, read_token_responses=True)

    assert tokens(seen) == {}
    assert seen.other_audience == audience


def test_another_audience_is_named_by_where_its_token_was_shown() -> None:
    graph = Exchange(url=GRAPH, headers={"Authorization": "Bearer graph"})

    assert gather(graph).other_audience == "graph.microsoft.com"
    assert gather(Exchange(url=GRAPH)).other_audience is None
    assert gather(Exchange(url=NOTIFICATIONS)).has_notifications
    assert not gather(Exchange(url=NOTIFICATIONS.partition("?")[0])).has_notifications


def test_for_github_only_its_cookies_are_gathered() -> None:
    seen = gather(
        Exchange(url=GITHUB_PAGE, shows={"user_session": "s"}),
        Exchange(url=CLASSIC_SOCKET, shows={"MUID": "1"}),
        host="github.com",
        read_token_responses=True,
    )

    assert list(seen.jars) == ["github.com"]
    assert seen.places == {"github", "classic-socket"}
    assert tokens(seen) == {}


def test_no_more_tokens_are_remembered_than_any_page_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MAX_GRANTED", 2)
    answers = [ANSWER.replace("granted", f"granted-{number}") % "openid" for number in range(4)]
    seen = gather(
        *(Exchange(url=TOKEN_ENDPOINT, body=answer, mime_type="application/json") for answer in answers),
        read_token_responses=True,
    )

    assert len(seen.granted) == 2
