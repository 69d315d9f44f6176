"""Each named error, by a recording of an exporter in which it occurs; every one is synthetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumpseat.recordings import BadRecording
from jumpseat.recordings.sites import GITHUB, MICROSOFT
from tests.recordings import hars
from tests.recordings.hars import (
    CHATHUB_PAGE,
    CLASSIC_PAGE,
    CLASSIC_USER,
    COMPLETE,
    SECRETS,
    WORK_TENANT,
    Exchange,
    Exporter,
    anonymous_chat,
    chathub_chat,
    chathub_socket,
    chrome,
    classic_chat,
    edge,
    firefox,
    github_visit,
    grant,
    har,
    mitmproxy,
    names,
    read,
    refused,
    safari,
)


def test_a_recording_of_other_sites_lists_them() -> None:
    sites = [Exchange(url=url) for url in ("https://b.example/", hars.TELEMETRY, hars.NOTIFICATIONS)]
    problem = refused(chrome(sites))

    assert problem.reason == "NoCopilotTraffic"
    assert "b.example, browser.events.data.microsoft.com, x.webpubsub.azure.com" in problem.message


@pytest.mark.parametrize(
    "url",
    [
        "https://copilot.microsoft.com.evil.example/c/api/chat?accessToken=t",
        "https://evil.example/https://copilot.microsoft.com/c/api/chat?accessToken=t",
        "https://x@evil.example\\copilot.microsoft.com/c/api/chat?accessToken=t",
        "https://xcopilot.microsoft.com/c/api/chat?accessToken=t",
        "ftp://copilot.microsoft.com/c/api/chat?accessToken=t",
    ],
)
def test_a_host_is_compared_as_a_host(url: str) -> None:
    assert refused(firefox([Exchange(url=url)])).reason == "NoCopilotTraffic"


@pytest.mark.parametrize("exporter", [chrome, firefox])
def test_github_copilot_is_not_microsoft_copilot_nor_the_other_way_round(exporter: Exporter) -> None:
    github = refused(exporter(github_visit()))
    microsoft = refused(exporter(classic_chat()), GITHUB)

    assert github.reason == microsoft.reason == "WrongCopilot"
    assert "jumpseat login github-web --har FILE" in github.message
    assert "jumpseat login microsoft --har FILE" in microsoft.message


def test_copilot_studio_is_not_it_either() -> None:
    problem = refused(edge([Exchange(url="https://copilotstudio.microsoft.com/")]))

    assert problem.reason == "WrongCopilot"
    assert "Copilot Studio" in problem.message


def test_a_sanitized_recording_without_a_socket_names_the_switch() -> None:
    problem = refused(chrome(classic_chat()[:-1], sanitized=True))

    assert problem.reason == "SanitizedHar"
    assert "Allow to generate HAR (with sensitive data)" in problem.message
    assert [remark.name for remark in problem.remarks] == ["NoChatSocket"]


def test_a_token_that_a_tool_took_out_is_told() -> None:
    url = "wss://copilot.microsoft.com/c/api/chat?accessToken=[accessToken - redacted]"

    assert refused(chrome(classic_chat(url=url))).reason == "SanitizedHar"


def test_safari_leaves_a_socket_out_that_is_still_open() -> None:
    problem = refused(safari(classic_chat(is_open=True)))

    assert problem.reason == "NoChatSocket"
    assert "In Safari finish the chat or reload before exporting" in problem.message


def test_a_token_for_another_service_is_named() -> None:
    graph = Exchange(url=hars.GRAPH, headers={"Authorization": "Bearer hush"})
    problem = refused(firefox([*chathub_chat()[:1], graph]))

    assert problem.reason == "WrongAudience"
    assert "graph.microsoft.com" in problem.message

    pages = [*classic_chat()[:-1], grant("hush", "https://graph.microsoft.com/User.Read")]
    by_scope = refused(firefox(pages), read_token_responses=True)
    assert by_scope.reason == "WrongAudience"
    assert "https://graph.microsoft.com/User.Read" in by_scope.message


def test_the_token_of_notifications_is_never_taken_for_that_of_the_chat() -> None:
    problem = refused(chrome([*classic_chat()[:-1], Exchange(url=hars.NOTIFICATIONS, status=101)]))

    assert problem.reason == "NoChatSocket"
    assert [remark.name for remark in problem.remarks] == ["WrongAudience"]


CHALLENGE, DONE = '{"event":"challenge","method":null}', '{"event":"done"}'


@pytest.mark.parametrize("exporter", [chrome, mitmproxy])
def test_a_human_check_stops_until_a_later_turn_succeeds(exporter: Exporter) -> None:
    assert refused(exporter(classic_chat(received=(DONE, CHALLENGE)))).reason == "ChallengeSeen"
    assert names(read(exporter(classic_chat(received=(CHALLENGE, DONE))))) == ["ChallengeSeen"]

    newer = exporter(chathub_chat(received=(hars.final("CaptchaChallenge"),)))
    assert refused(newer).reason == "ChallengeSeen"


def test_a_page_that_checks_for_a_human_stops_until_a_chat_is_opened() -> None:
    page = Exchange(url=CLASSIC_PAGE, at=2, status=403, body="<title>Verify you are human</title>")

    assert refused(firefox([*classic_chat(at=1), page])).reason == "ChallengeSeen"
    assert names(read(firefox([page, *classic_chat(at=3)]))) == ["ChallengeSeen"]


@pytest.mark.parametrize("exporter", [chrome, edge])
def test_a_country_that_is_not_served_is_told(exporter: Exporter) -> None:
    refusal = '{"event":"error","errorCode":"chat-service-unavailable"}'
    blocked = Exchange(url=CLASSIC_USER, status=451)

    assert refused(exporter(classic_chat(received=(refusal,)))).reason == "RegionNotServed"
    assert refused(exporter([*classic_chat(received=()), blocked])).reason == "RegionNotServed"
    assert names(read(exporter([blocked, *classic_chat()]))) == ["RegionNotServed"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: data[: len(data) // 2], "TruncatedHar"),
        (lambda _: har(), "EmptyHar"),
        (lambda _: b"[]", "NotAHar"),
        (lambda _: b"callback(%b)" % har(), "NotAHar"),
    ],
)
def test_a_file_that_is_no_whole_recording_is_told(spoil: Callable[[bytes], bytes], reason: str) -> None:
    assert refused(spoil(chrome(classic_chat()))).reason == reason


def test_a_file_may_be_too_large() -> None:
    assert refused(chrome(classic_chat()), limit=1000).reason == "TooLarge"


STORIES = st.sampled_from(
    [
        *classic_chat(),
        *chathub_chat(),
        *chathub_chat(WORK_TENANT),
        *anonymous_chat(),
        *github_visit(),
        Exchange(url=chathub_socket(token="")),
        Exchange(url=hars.GRAPH, headers={"Authorization": "Bearer g"}),
        Exchange(url=CHATHUB_PAGE, status=302, answers={"Location": "https://login.live.com/"}),
        grant("granted-token", "x/ChatAI.ReadWrite"),
    ]
)


@given(
    st.lists(STORIES, min_size=1, max_size=5),
    st.sampled_from([*COMPLETE.values(), lambda story: chrome(story, sanitized=True)]),
    st.sampled_from([MICROSOFT, GITHUB]),
    st.sampled_from(["any", "personal", "work"]),
    st.booleans(),
)
def test_any_recording_ends_in_a_sign_in_or_in_a_named_error(
    story: list[Exchange], exporter: Exporter, host: str, account: str, allows: bool
) -> None:
    options: dict[str, Any] = {"account": account, "allow_anonymous": allows, "read_token_responses": allows}
    try:
        found = read(exporter(story), host, **options)
    except BadRecording:
        assert "jumpseat login" in refused(exporter(story), host, **options).message
        return
    if host == GITHUB:
        assert "user_session" in found.credential.cookies
    else:
        assert found.credential.token is not None or (allows and "SignedOut" in names(found))
    assert not any(secret in repr(found) for secret in SECRETS)
