"""Recordings as each exporter writes them, read whole; every one is synthetic."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from jumpseat.recordings.har import HarReading
from jumpseat.recordings.sites import GITHUB, MICROSOFT
from tests.recordings import hars
from tests.recordings.hars import (
    BEARER,
    BEGAN,
    CHATHUB_PAGE,
    CHATHUB_TOKEN,
    CLASSIC_PAGE,
    CLASSIC_SOCKET,
    CLASSIC_USER,
    COMPLETE,
    NOW,
    PERSONAL_TENANT,
    QUESTION,
    SECRETS,
    TOKEN,
    WORK_PAGE,
    WORK_TENANT,
    Exchange,
    Exporter,
    anonymous_chat,
    chathub_chat,
    chrome,
    classic_chat,
    cookies_of,
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
    token_of,
)

MINUTE, HOUR = 60, 3600


@pytest.mark.parametrize("exporter", COMPLETE.values(), ids=COMPLETE)
def test_a_complete_recording_of_any_exporter_gives_token_and_cookies(exporter: Exporter) -> None:
    found = read(exporter(classic_chat(url=CLASSIC_SOCKET + "&X-UserIdentityType=google")))
    credential = found.credential

    assert token_of(found) == TOKEN
    assert cookies_of(found) == {"MUID": "1", "_C_Auth": "good"}
    assert (credential.generation, credential.host) == ("classic", "copilot.microsoft.com")
    assert credential.identity_type == "google"
    assert credential.obtained_at == found.recorded_at == BEGAN.timestamp() + 3 * MINUTE
    assert credential.expires_at == BEGAN.timestamp() + 63 * MINUTE
    assert (found.remarks, found.missing, found.account_type, found.is_sanitized) == ((), (), None, False)


@pytest.mark.parametrize(
    ("exporter", "name"),
    [(chrome, "WebInspector"), (edge, "WebInspector"), (firefox, "Firefox"), (mitmproxy, "mitmproxy")],
)
def test_the_exporter_is_named(exporter: Exporter, name: str) -> None:
    assert read(exporter(classic_chat())).exporter == name


def test_an_exporters_name_is_fit_for_a_terminal() -> None:
    reading = HarReading(MICROSOFT)
    reading.feed(hars.entry_of(Exchange(url=CLASSIC_SOCKET)))

    assert reading.result("\x1b[2J" + "x" * 100).exporter == "[2J" + "x" * 57


@pytest.mark.parametrize("exporter", [chrome, edge, mitmproxy])
def test_the_newer_chat_is_found_with_what_its_page_sends(exporter: Exporter) -> None:
    found = read(exporter(chathub_chat()))
    credential = found.credential

    assert token_of(found) == CHATHUB_TOKEN
    assert cookies_of(found) == {"PageAuth": "p"}
    assert (credential.generation, credential.host) == ("chathub", "substrate.office.com")
    assert credential.expires_at == BEGAN.timestamp() + 3 * MINUTE + 8 * HOUR
    assert credential.socket is not None
    assert credential.socket.options_sets == ("enterprise_flux", "cwc_fileupload")
    assert (found.account_type, names(found), found.missing) == ("personal", ["NewerChat"], ())
    assert QUESTION not in repr(found)


@pytest.mark.parametrize("exporter", [firefox, safari])
def test_without_frames_the_page_options_are_missing_and_that_is_said(exporter: Exporter) -> None:
    found = read(exporter(chathub_chat()))

    assert token_of(found) == CHATHUB_TOKEN
    assert found.missing == ("the options that the page sends (this exporter writes no WebSocket frames)",)


def test_a_work_account_is_told_by_its_tenant_and_lives_shorter() -> None:
    found = read(chrome(chathub_chat(WORK_TENANT)), "m365.cloud.microsoft")

    assert found.account_type == "work"
    assert cookies_of(found) == {"PageAuth": "p"}
    assert found.credential.expires_at == BEGAN.timestamp() + 78 * MINUTE


def test_a_sanitized_recording_of_chrome_still_gives_the_token_and_says_so() -> None:
    found = read(chrome(classic_chat(), sanitized=True))

    assert token_of(found) == TOKEN
    assert cookies_of(found) == {}
    assert found.is_sanitized
    assert names(found) == ["SanitizedHar"]
    assert "do not share it" in found.remarks[0].message
    assert found.missing[0] == "cookies of copilot.microsoft.com"


def test_a_cookie_anywhere_proves_that_nothing_was_taken_out() -> None:
    elsewhere = Exchange(url="https://other.example/", shows={"a": "b"})

    assert not read(chrome([*classic_chat(shows={}), elsewhere])).is_sanitized


def test_the_classic_socket_at_copilot_com_counts() -> None:
    exchange = Exchange(url=CLASSIC_SOCKET.replace("copilot.microsoft.com", "COPILOT.com."), shows={"a": "b"})
    found = read(firefox([exchange]))

    assert token_of(found) == TOKEN
    assert cookies_of(found) == {"a": "b"}
    assert found.credential.host == "copilot.com"


def test_a_token_in_a_header_counts_less_than_one_in_a_socket() -> None:
    call = Exchange(url=CLASSIC_USER, at=9, headers={"authorization": f"Bearer {BEARER}"}, shows={"a": "b"})
    alone = read(firefox([call]))

    assert token_of(alone) == BEARER
    assert cookies_of(alone) == {"a": "b"}
    assert token_of(read(firefox([call, *classic_chat()]))) == TOKEN


def test_of_two_tokens_the_newer_one_counts_whatever_their_order() -> None:
    newer = Exchange(url=CLASSIC_SOCKET.replace("EwBw", "New"), at=5)
    for order in ([newer, *classic_chat()], [*classic_chat(), newer]):
        assert token_of(read(firefox(order))) == TOKEN.replace("EwBw", "New")


def test_tokens_of_both_chats_are_never_mixed_and_the_classic_one_is_taken_while_it_lives() -> None:
    both = chrome([*classic_chat(), *chathub_chat(at=9)])
    fresh, later, expired = (read(both, now=NOW + wait * HOUR) for wait in (0, 2, 20))

    assert (token_of(fresh), names(fresh)) == (TOKEN, ["BothChats"])
    assert cookies_of(fresh) == {"MUID": "1", "_C_Auth": "good"}
    assert (token_of(later), names(later)) == (CHATHUB_TOKEN, ["NewerChat"])
    assert cookies_of(later) == {"PageAuth": "p"}
    assert later.credential.identity_type is None
    assert (token_of(expired), names(expired)) == (TOKEN, ["TokenExpired", "BothChats"])
    assert token_of(read(both, now=None)) == TOKEN


def test_an_old_token_is_given_with_a_warning() -> None:
    found = read(firefox(classic_chat()), now=NOW + 3 * HOUR)

    assert token_of(found) == TOKEN
    assert names(found) == ["TokenExpired"]
    assert "it is 3 hours old and lives about 60 minutes" in found.remarks[0].message


def test_a_recording_from_the_future_was_made_by_a_wrong_clock_just_now() -> None:
    now = BEGAN.timestamp() - 48 * HOUR
    found = read(firefox(classic_chat()), now=now)

    assert found.recorded_at == now
    assert found.credential.expires_at == now + HOUR


def test_a_token_without_a_moment_has_no_age() -> None:
    found = read(har({"request": {"url": CLASSIC_SOCKET}}))

    assert (found.recorded_at, found.credential.expires_at, found.remarks) == (None, None, ())
    assert "the time of recording" in found.missing


def test_what_the_sign_in_service_said_of_a_tokens_life_counts() -> None:
    data = firefox([grant(TOKEN, "140e65af/ChatAI.ReadWrite"), *classic_chat()])

    assert read(data, read_token_responses=True).credential.expires_at == BEGAN.timestamp() + MINUTE + 5000
    assert read(data).credential.expires_at == BEGAN.timestamp() + 63 * MINUTE


def test_a_token_that_was_only_granted_is_taken_with_consent() -> None:
    pages = classic_chat()[:-1]
    classic = firefox([*pages, grant("granted-token", "140e65af/ChatAI.ReadWrite openid")])
    found = read(classic, read_token_responses=True)

    assert token_of(found) == "granted-token"
    assert cookies_of(found) == {"MUID": "1", "_C_Auth": "good"}
    assert found.credential.host is None
    assert refused(classic).reason == "NoChatSocket"

    sydney = grant("granted-token", "https://substrate.office.com/sydney/v2/.default")
    newer = read(firefox([*chathub_chat()[:1], sydney]), read_token_responses=True)
    assert cookies_of(newer) == {"PageAuth": "p"}
    assert "the ids of account and tenant" in newer.missing


def test_another_address_can_be_asked_for() -> None:
    url = "ws://127.0.0.1:8400/c/api/chat?accessToken=t"
    found = read(firefox([Exchange(url=url, shows={"a": "b"})]), "127.0.0.1")

    assert token_of(found) == "t"
    assert cookies_of(found) == {"a": "b"}
    assert refused(firefox(classic_chat()), "127.0.0.1").reason == "NoCopilotTraffic"


def test_no_secret_shows_in_a_recording() -> None:
    shown = repr(read(firefox(classic_chat(shows={"MUID": "hush"}))))

    assert not any(secret in shown for secret in SECRETS)


@pytest.mark.parametrize("exporter", COMPLETE.values(), ids=COMPLETE)
def test_cookies_of_github_are_read_from_the_same_kind_of_file(exporter: Exporter) -> None:
    story = [
        *github_visit(),
        Exchange(url="https://gist.github.com/", at=1, shows={"user_session": "other"}),
        Exchange(url="http://github.com/", at=1, shows={"user_session": "plain"}),
        *classic_chat(),
    ]
    found = read(exporter(story), GITHUB)

    assert cookies_of(found) == {"user_session": "s", "logged_in": "yes"}
    assert token_of(found) is None
    assert (found.credential.host, found.recorded_at) == (GITHUB, BEGAN.timestamp())
    assert (found.remarks, found.missing, found.credential.expires_at) == ((), (), None)


def test_the_end_of_githubs_session_is_told_and_one_that_has_ended_is_none() -> None:
    line = "user_session=s; Path=/; Max-Age=1209600; Secure; HttpOnly"
    data = firefox([Exchange(url=hars.GITHUB_PAGE, sets=(line,))])
    end = BEGAN.timestamp() + 1209600

    assert read(data, GITHUB).cookies_expire_at == end
    assert "has ended" in refused(data, GITHUB, now=end).message


def test_recordings_without_a_sign_in_at_github_are_told_apart() -> None:
    assert refused(firefox([Exchange(url="https://a.example/")]), GITHUB).reason == "NoCopilotTraffic"
    assert refused(chrome(github_visit(), sanitized=True), GITHUB).reason == "SanitizedHar"
    assert refused(chrome(github_visit(_octo="x")), GITHUB).reason == "SignedOut"
    assert refused(firefox([Exchange(url=hars.GITHUB_PAGE)]), GITHUB).reason == "SignedOut"


def test_a_byte_order_mark_and_packing_change_nothing() -> None:
    data = firefox(classic_chat())

    assert token_of(read(b"\xef\xbb\xbf" + data)) == TOKEN
    assert token_of(read(gzip.compress(data))) == TOKEN


def test_a_huge_body_in_one_entry_is_passed_over() -> None:
    story = [Exchange(url=CLASSIC_PAGE, body="x" * 20_000_000), *classic_chat()]

    assert token_of(read(chrome(story))) == TOKEN


def test_a_blank_cookie_after_a_good_one_replaces_nothing() -> None:
    blank = Exchange(url=CLASSIC_USER, at=5, shows={"_C_Auth": "good"}, sets=("_C_Auth=; Path=/",))

    assert cookies_of(read(firefox([*classic_chat(), blank]))) == {"_C_Auth": "good"}


def test_duplicate_headers_in_mixed_case_are_all_read() -> None:
    headers = [
        hars.pair("COOKIE", "a=1"),
        hars.pair("cookie", "b=2"),
        hars.pair("AUTHORIZATION", "Basic x"),
        hars.pair("authorization", f"Bearer {BEARER}"),
    ]
    entry = {"request": {"url": CLASSIC_USER, "headers": headers}}
    found = read(har(entry))

    assert token_of(found) == BEARER
    assert cookies_of(found) == {"a": "1", "b": "2"}


def test_entries_of_odd_types_are_passed_over() -> None:
    odd: list[Any] = [
        3,
        None,
        [],
        {},
        {"request": "x"},
        {"request": {"url": 3}},
        {"request": {"url": CLASSIC_PAGE}},
    ]

    assert token_of(read(har(*odd, {"request": {"url": CLASSIC_SOCKET}}))) == TOKEN


@pytest.mark.parametrize("creator", [None, 3, "", "WebKit Web Inspector"])
def test_an_odd_creator_is_nobody(creator: Any) -> None:
    assert token_of(read(har({"request": {"url": CLASSIC_SOCKET}}, creator=creator))) == TOKEN


@pytest.mark.parametrize(
    ("story", "account"),
    [
        (chathub_chat(WORK_TENANT), "personal"),
        ([Exchange(url=WORK_PAGE)], "personal"),
        (chathub_chat(PERSONAL_TENANT), "work"),
        ([Exchange(url=CHATHUB_PAGE)], "work"),
    ],
)
def test_the_account_that_was_not_asked_for_is_refused(story: list[Exchange], account: str) -> None:
    problem = refused(edge(story), account=account)

    assert problem.reason == "WrongCopilot"
    assert ("work or school account. Sign in" in problem.message) == (account == "personal")


def test_the_account_that_was_asked_for_is_found_among_two() -> None:
    both = edge([*chathub_chat(WORK_TENANT), *chathub_chat(PERSONAL_TENANT)])

    assert read(both, account="personal").account_type == "personal"
    assert read(both, account="work").account_type == "work"
    assert token_of(read(edge(classic_chat()), account="personal")) == TOKEN


def test_pages_of_the_right_account_without_a_chat_miss_only_the_chat() -> None:
    work, personal = (edge([Exchange(url=url, shows={"a": "b"})]) for url in (WORK_PAGE, CLASSIC_PAGE))

    assert refused(work, account="work").reason == "NoChatSocket"
    assert refused(personal, account="personal").reason == "NoChatSocket"


@pytest.mark.parametrize("exporter", [chrome, firefox])
def test_nobody_signed_in_is_told_unless_that_will_do(exporter: Exporter) -> None:
    data = exporter(anonymous_chat())

    assert refused(data).reason == "SignedOut"
    found = read(data, allow_anonymous=True)
    assert token_of(found) is None
    assert cookies_of(found) == {"__Host-copilot-anon": "a", "MUID": "1"}
    assert (found.credential.host, found.recorded_at) == (MICROSOFT, BEGAN.timestamp() + 120)
    assert names(found) == ["SignedOut"]
    assert "a chat token" in found.missing


def test_a_page_that_sent_the_browser_to_sign_in_tells_that_nobody_is() -> None:
    location = {"Location": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?x=hush"}
    redirect = Exchange(url=CHATHUB_PAGE, status=302, answers=location)

    assert refused(firefox([redirect])).reason == "SignedOut"
    assert refused(chrome([redirect], sanitized=True)).reason == "SignedOut"
    # Who then signed in has only not chatted yet.
    assert refused(firefox([redirect, Exchange(url=CHATHUB_PAGE, at=1)])).reason == "NoChatSocket"


def test_a_socket_without_a_token_is_a_chat_without_an_account() -> None:
    socket = Exchange(url="wss://copilot.microsoft.com/c/api/chat?api-version=2", status=101)

    assert refused(mitmproxy([socket])).reason == "SignedOut"
