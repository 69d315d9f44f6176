"""Tests of the HAR importer; every file is synthetic."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumpseat.recordings import BadRecording, Recording, read_har
from jumpseat.recordings.har import GITHUB, MICROSOFT

TOKEN = "EwBw+abc/def=="
SOCKET = "wss://copilot.microsoft.com/c/api/chat?api-version=2&accessToken=EwBw%2Babc%2Fdef%3D%3D"
PAGE = "https://copilot.microsoft.com/"
USER = "https://copilot.microsoft.com/c/api/user"


def entry(url: str, *, at: int = 0, status: int = 200, **more: Any) -> dict[str, Any]:
    request = {"method": "GET", "url": url, "headers": [], "cookies": [], "queryString": []}
    response = {"status": status, "headers": [], "cookies": [], "content": {"text": "x" * 100}}
    request |= {
        key.removeprefix("request_"): value for key, value in more.items() if key.startswith("request_")
    }
    response |= {
        key.removeprefix("response_"): value for key, value in more.items() if key.startswith("response_")
    }
    made = {"startedDateTime": f"2026-11-20T10:{at:02d}:00.000Z", "request": request, "response": response}
    return made | {"_webSocketMessages": more["frames"]} if "frames" in more else made


def har(*entries: Any, creator: Any = "Firefox") -> bytes:
    log = {"version": "1.2", "creator": {"name": creator, "version": "1"}, "entries": list(entries)}
    return msgspec.json.encode({"log": log})


def pair(name: str, value: Any) -> dict[str, Any]:
    return {"name": name, "value": value}


def frames(*texts: str) -> list[Any]:
    return [{"type": "receive", "opcode": 1, "time": 1.5, "data": text} for text in texts]


def token_of(recording: Recording) -> str | None:
    token = recording.credential.token
    return token.reveal() if token else None


def cookies_of(recording: Recording) -> dict[str, str]:
    return {name: secret.reveal() for name, secret in recording.credential.cookies.items()}


def reason_of(data: bytes, host: str = MICROSOFT) -> str:
    with pytest.raises(BadRecording) as caught:
        read_har(data, host)
    assert caught.value.message.endswith(".")
    assert TOKEN not in caught.value.message
    return caught.value.reason


def test_a_complete_recording_gives_token_cookies_and_identity() -> None:
    data = har(
        entry(PAGE, request_cookies=[pair("MUID", "1")]),
        entry(SOCKET + "&X-UserIdentityType=google", at=3, status=101),
    )
    found = read_har(data, MICROSOFT)

    assert token_of(found) == TOKEN
    assert cookies_of(found) == {"MUID": "1"}
    assert found.credential.identity_type == "google"
    assert found.recorded_at == datetime(2026, 11, 20, 10, 3, tzinfo=UTC).timestamp()
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("a%2Bb%3D%3D", "a+b=="),
        ("a+b==", "a+b=="),
        ("a%252Bb", "a%2Bb"),
        ("a/b", "a/b"),
    ],
)
def test_the_token_is_decoded_once_and_keeps_its_plus(written: str, token: str) -> None:
    url = f"https://copilot.microsoft.com/c/api/chat?accessToken={written}"

    assert token_of(read_har(har(entry(url)), MICROSOFT)) == token


def test_the_query_list_is_only_a_fallback() -> None:
    listed = [pair("accessToken", "listed%2B")]
    alone = entry("wss://copilot.microsoft.com/c/api/chat", request_queryString=listed)
    beside = entry(SOCKET, request_queryString=listed)

    assert token_of(read_har(har(alone), MICROSOFT)) == "listed+"
    assert token_of(read_har(har(beside), MICROSOFT)) == TOKEN


def test_the_newest_socket_wins_and_a_socket_before_any_call() -> None:
    bearer = [pair("AUTHORIZATION", "bearer from-a-call")]
    data = har(
        entry(SOCKET.replace("EwBw", "New"), at=5),
        entry(SOCKET, at=1),
        entry(USER, at=9, request_headers=bearer),
    )

    assert token_of(read_har(data, MICROSOFT)) == TOKEN.replace("EwBw", "New")
    assert token_of(read_har(har(entry(USER, request_headers=bearer)), MICROSOFT)) == "from-a-call"


def test_the_identity_may_stand_in_a_header() -> None:
    headers = [pair("Authorization", "Bearer t"), pair("X-UserIdentityType", "apple")]

    found = read_har(har(entry(USER, request_headers=headers)), MICROSOFT)

    assert found.credential.identity_type == "apple"


def test_authorization_of_another_kind_is_no_token() -> None:
    data = har(
        entry(USER, request_headers=[pair("Authorization", "Basic x"), pair("authorization", "Bearer  ")])
    )

    assert reason_of(data) == "NoChatSocket"


def test_cookies_are_gathered_in_time_and_a_blank_replaces_nothing() -> None:
    data = har(
        entry(SOCKET, at=9),
        entry(
            PAGE,
            at=2,
            request_headers=[pair("cookie", "_C_Auth=; MUID=2; broken; =x"), pair("Cookie", "extra=a=b")],
            response_cookies=[pair("set", "by list"), pair("_C_Auth", "")],
            response_headers=[
                pair("SET-COOKIE", "one=1; Path=/\ntwo=2"),
                pair("set-cookie", "_C_Auth=; Path=/"),
            ],
        ),
        entry(PAGE, at=1, request_cookies=[pair("MUID", "1"), pair("_C_Auth", "good")]),
        entry("https://other.example/", at=5, request_cookies=[pair("MUID", "foreign")]),
    )

    assert cookies_of(read_har(data, MICROSOFT)) == {
        "MUID": "2",
        "_C_Auth": "good",
        "extra": "a=b",
        "set": "by list",
        "one": "1",
        "two": "2",
    }


def test_a_sanitized_recording_with_a_socket_still_gives_the_token() -> None:
    found = read_har(har(entry(SOCKET), creator="WebInspector"), MICROSOFT)

    assert token_of(found) == TOKEN
    assert found.remarks
    assert "sanitized" in found.remarks[0].message


def test_a_sanitized_recording_without_a_socket_names_the_switch() -> None:
    assert reason_of(har(entry(PAGE), creator="WebInspector")) == "SanitizedHar"
    assert (
        reason_of(har(entry(PAGE, request_cookies=[pair("a", "b")]), creator="WebInspector"))
        == "NoChatSocket"
    )


def test_a_byte_order_mark_is_accepted() -> None:
    assert token_of(read_har(b"\xef\xbb\xbf" + har(entry(SOCKET)), MICROSOFT)) == TOKEN


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"hello",
        b'{"cookies": []}',
        b'{"log": 3}',
        b'{"log": {"entries": {}}}',
        b"callback({})",
        b"\xef\xbb\xbf[]",
    ],
)
def test_what_is_no_har_is_told_apart(data: bytes) -> None:
    assert reason_of(data) == "NotAHar"


def test_a_cut_file_says_where_it_was_cut() -> None:
    data = har(entry(SOCKET))[:200]
    with pytest.raises(BadRecording, match="at byte 200") as caught:
        read_har(data, MICROSOFT)

    assert caught.value.reason == "TruncatedHar"


def test_an_empty_recording_says_so() -> None:
    assert reason_of(har()) == "EmptyHar"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://copilot.microsoft.com.evil.example/c/api/chat?accessToken=t", "NoCopilotTraffic"),
        ("https://evil.example/https://copilot.microsoft.com/c/api/chat?accessToken=t", "NoCopilotTraffic"),
        ("https://x@evil.example\\copilot.microsoft.com/c/api/chat?accessToken=t", "NoCopilotTraffic"),
        ("wss://x.webpubsub.azure.com/client/hubs/notifications?access_token=t", "NoCopilotTraffic"),
        ("http://[bad", "NoCopilotTraffic"),
        ("https://github.com/copilot", "WrongCopilot"),
        ("https://api.individual.githubcopilot.com/github/chat", "WrongCopilot"),
        ("https://copilotstudio.microsoft.com/", "WrongCopilot"),
        ("https://www.copilot.com/chats/x", "NoChatSocket"),
        ("wss://substrate.office.com/m365Copilot/Chathub/a@b?access_token=t", "NoChatSocket"),
        ("wss://copilot.microsoft.com/c/api/chat", "NoChatSocket"),
        ("wss://copilot.microsoft.com/c/api/chatter?accessToken=t", "NoChatSocket"),
        ("ftp://copilot.microsoft.com/c/api/chat?accessToken=t", "NoChatSocket"),
    ],
)
def test_hosts_and_paths_are_compared_as_such(url: str, reason: str) -> None:
    assert reason_of(har(entry(url))) == reason


def test_the_hosts_seen_are_listed() -> None:
    with pytest.raises(BadRecording, match=r"a\.example, b\.example"):
        read_har(har(entry("https://b.example/"), entry("https://a.example/")), MICROSOFT)


def test_the_classic_socket_at_copilot_com_counts() -> None:
    found = read_har(har(entry(SOCKET.replace("copilot.microsoft.com", "COPILOT.com."))), MICROSOFT)

    assert token_of(found) == TOKEN


def test_another_address_can_be_asked_for() -> None:
    url = "ws://127.0.0.1:8400/c/api/chat?accessToken=t"

    assert token_of(read_har(har(entry(url)), "127.0.0.1")) == "t"
    assert reason_of(har(entry(PAGE)), "127.0.0.1") == "NoCopilotTraffic"


def test_nobody_signed_in_is_told() -> None:
    anonymous = entry(PAGE, request_cookies=[pair("__Host-copilot-anon", "x")])
    location = [pair("Location", "https://login.live.com/oauth20_authorize.srf?x=1")]
    elsewhere = [pair("Location", "https://evil.example/?x=login.live.com")]

    assert reason_of(har(anonymous)) == "SignedOut"
    assert reason_of(har(entry(PAGE, status=302, response_headers=location))) == "SignedOut"
    assert reason_of(har(entry(PAGE, status=302, response_headers=elsewhere))) == "NoChatSocket"


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (['{"event":"challenge","method":null}'], "ChallengeSeen"),
        (['{"event":"done"}{"event" : "challenge"}'], "ChallengeSeen"),
        (['{"event":"challenge"}', '{"event":"done"}'], None),
        (['{"event":"error","errorCode":"chat-service-unavailable"}'], "RegionNotServed"),
        (['{"event":"appendText","text":"hello"}'], None),
    ],
)
def test_what_the_chat_told_last_counts(texts: Sequence[str], reason: str | None) -> None:
    data = har(entry(SOCKET, frames=[*frames(*texts), {"type": "send", "data": '{"event":"challenge"}'}, 7]))
    if reason is None:
        assert token_of(read_har(data, MICROSOFT)) == TOKEN
    else:
        assert reason_of(data) == reason


def test_frames_of_odd_types_are_passed_over() -> None:
    data = har(entry(SOCKET, frames=[{"type": "receive", "data": 3}]))

    assert token_of(read_har(data, MICROSOFT)) == TOKEN


def test_a_country_that_is_not_served_is_told() -> None:
    assert reason_of(har(entry(SOCKET), entry(USER, status=451))) == "RegionNotServed"


def test_entries_of_odd_types_are_passed_over() -> None:
    odd: list[Any] = [
        3,
        None,
        [],
        {},
        {"request": "x"},
        {"request": {"url": 3, "headers": "x", "cookies": {"a": 1}}},
        {"request": {"url": PAGE, "headers": [3, {}, pair("a", 4)]}, "response": {"status": "x"}},
        {"startedDateTime": "never", "request": {"url": PAGE}},
        {"startedDateTime": 5, "request": {"url": PAGE}},
        {"startedDateTime": "2026-01-01T00:00:00", "request": {"url": PAGE}, "response": None},
    ]
    found = read_har(har(*odd, entry(SOCKET)), MICROSOFT)

    assert token_of(found) == TOKEN


@pytest.mark.parametrize("creator", [None, 3, "WebKit Web Inspector"])
def test_an_odd_creator_is_nobody(creator: Any) -> None:
    assert token_of(read_har(har(entry(SOCKET), creator=creator), MICROSOFT)) == TOKEN


def test_a_creator_that_is_no_text_is_nobody() -> None:
    data = har(entry(SOCKET))
    for odd in (b"3", b'"\xff"'):
        changed = data.replace(b'{"name":"Firefox","version":"1"}', odd)
        assert token_of(read_har(changed, MICROSOFT)) == TOKEN


def test_a_token_without_a_moment_has_no_age() -> None:
    plain = {"request": {"url": SOCKET}}

    assert read_har(har(plain), MICROSOFT).recorded_at is None


def test_cookies_of_github_are_read_from_the_same_kind_of_file() -> None:
    session = [pair("user_session", "s"), pair("logged_in", "yes")]
    found = read_har(
        har(
            entry("https://github.com/copilot", request_cookies=session),
            entry("https://gist.github.com/", request_cookies=[pair("user_session", "other")]),
            entry("http://github.com/", request_cookies=[pair("user_session", "plain")]),
        ),
        GITHUB,
    )

    assert cookies_of(found) == {"user_session": "s", "logged_in": "yes"}
    assert token_of(found) is None


def test_recordings_without_a_github_sign_in_are_told_apart() -> None:
    page = "https://github.com/copilot"

    assert reason_of(har(entry(SOCKET)), GITHUB) == "NoCopilotTraffic"
    assert reason_of(har(entry(page)), GITHUB) == "SanitizedHar"
    assert reason_of(har(entry(page, request_cookies=[pair("_octo", "x")])), GITHUB) == "SignedOut"


def test_no_secret_shows_in_a_recording() -> None:
    shown = repr(read_har(har(entry(SOCKET, request_cookies=[pair("MUID", "hush")])), MICROSOFT))

    assert "hush" not in shown
    assert TOKEN not in shown


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_bytes_whatever_make_it_fall_over(noise: bytes, at: int) -> None:
    data = har(entry(SOCKET, request_cookies=[pair("a", "b")]))
    with suppress(BadRecording):
        read_har(data[:at] + noise + data[at + len(noise) :], MICROSOFT)
