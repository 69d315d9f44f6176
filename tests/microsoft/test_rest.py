"""Tests of the REST part of the classic protocol: what is asked, and what answers mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jumpseat.microsoft import rest
from jumpseat.model.credentials import Credential, Secret
from jumpseat.model.errors import (
    ConversationLost,
    InvalidRequest,
    JumpseatError,
    MissingAuthError,
    NotSignedIn,
    RateLimited,
    UpstreamBroke,
    UpstreamRefused,
)
from jumpseat.model.messages import Image
from jumpseat.transport.wire import Response

BASE = "https://copilot.microsoft.com"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def answer(body: bytes = b"{}", status: int = 200, **headers: str) -> Response:
    return Response(
        status=status, body=body, headers={key.replace("_", "-"): v for key, v in headers.items()}
    )


def test_calls_go_where_the_page_says() -> None:
    image = Image(data=b"\x89PNG", media_type="image/png")
    calls = [
        rest.get_user(BASE),
        rest.get_config(BASE),
        rest.post_conversation(BASE),
        rest.get_conversation(BASE, "a/../b?c"),
        rest.post_attachment(BASE, image),
    ]

    assert [(call.method, call.url.removeprefix(BASE)) for call in calls] == [
        ("GET", "/c/api/user?api-version=2"),
        ("GET", "/c/api/config?api-version=2"),
        ("POST", "/c/api/conversations"),
        ("GET", "/c/api/conversations/a%2F..%2Fb%3Fc"),
        ("POST", "/c/api/attachments"),
    ]
    assert [call.content_type for call in calls] == [None, None, "application/json", None, "image/png"]
    assert calls[4].body == b"\x89PNG"
    assert [call.is_about_conversation for call in calls] == [False, False, False, True, False]


def test_the_token_survives_the_socket_address() -> None:
    credential = Credential(token=Secret("a+b/c==&d"), identity_type="google")

    assert rest.socket_url(BASE, credential, "0-1") == (
        "wss://copilot.microsoft.com/c/api/chat?api-version=2&accessToken=a%2Bb%2Fc%3D%3D%26d"
        "&clientSessionId=0-1&X-UserIdentityType=google"
    )


def test_an_anonymous_socket_has_no_token_and_plain_http_becomes_ws() -> None:
    url = rest.socket_url("http://127.0.0.1:8400/client-first", Credential(), "0-1")

    assert url == "ws://127.0.0.1:8400/client-first/c/api/chat?api-version=2&clientSessionId=0-1"


def test_a_call_shows_token_cookies_and_our_own_name() -> None:
    credential = Credential(token=Secret("t"), identity_type="google")
    headers = rest.headers_of(credential, {"a": Secret("1"), "b": Secret("x=y")}, content_type="image/png")

    assert headers.pop("User-Agent").startswith("jumpseat/")
    assert headers == {
        "Accept": "application/json",
        "Authorization": "Bearer t",
        "X-UserIdentityType": "google",
        "Content-Type": "image/png",
        "Cookie": "a=1; b=x=y",
    }


def test_an_anonymous_call_shows_nothing() -> None:
    assert sorted(rest.headers_of(Credential(), {})) == ["Accept", "User-Agent"]
    assert sorted(rest.socket_headers_of({})) == ["User-Agent"]
    assert rest.socket_headers_of({"a": Secret("1")})["Cookie"] == "a=1"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"firstName":"Robin","new":1}', "Robin"),
        (b'{"firstName":null}', None),
        (b"{}", None),
        (b'{"firstName":3}', None),
    ],
)
def test_without_a_first_name_nobody_is_signed_in(body: bytes, name: str | None) -> None:
    assert rest.read_user(answer(body), now=NOW).first_name == name


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        (b'{"maxTextMessageLength":8000}', 8000),
        (b'{"maxTextMessageLength":"8000"}', 10_240),
        (b'{"maxTextMessageLength":0}', 10_240),
        (b'{"maxTextMessageLength":99999999999}', 10_240),
        (b"{}", 10_240),
    ],
)
def test_the_limit_is_read_with_care(body: bytes, limit: int) -> None:
    assert rest.read_question_limit(answer(body), now=NOW) == limit


def test_identifiers_and_addresses_are_read() -> None:
    assert rest.read_conversation_id(answer(b'{"id":"abc"}', 201), now=NOW) == "abc"
    assert rest.read_attachment_url(answer(b'{"url":"/images/a.png"}'), now=NOW) == "/images/a.png"
    for body in (b"{}", b'{"id":"","url":7}'):
        with pytest.raises(UpstreamBroke, match="without naming it"):
            rest.read_conversation_id(answer(body), now=NOW)
        with pytest.raises(UpstreamBroke, match="where it is"):
            rest.read_attachment_url(answer(body), now=NOW)


@pytest.mark.parametrize("status", [400, 413, 415])
def test_a_picture_that_is_not_taken_is_the_callers_to_mend(status: int) -> None:
    with pytest.raises(InvalidRequest, match="PNG or JPEG") as caught:
        rest.read_attachment_url(answer(status=status), now=NOW)
    assert caught.value.code == "image_refused"


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"null", b'{"id":"\xff"}'])
def test_anything_but_an_object_is_not_what_was_asked_for(body: bytes) -> None:
    with pytest.raises(UpstreamBroke) as caught:
        rest.read_user(answer(body), now=NOW)
    assert caught.value.code == "not_json"
    assert caught.value.may_be_delivered is False


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (302, NotSignedIn, "another page"),
        (400, UpstreamBroke, "HTTP 400"),
        (401, MissingAuthError, "expired"),
        (403, UpstreamRefused, "JUMPSEAT_MICROSOFT_TLS"),
        (404, UpstreamBroke, "JUMPSEAT_MICROSOFT_URL"),
        (429, RateLimited, "Wait"),
        (451, UpstreamRefused, "not offered"),
        (460, UpstreamRefused, "JUMPSEAT_MICROSOFT_TLS"),
        (503, UpstreamBroke, "trouble"),
    ],
)
def test_every_status_has_its_error(status: int, kind: type[JumpseatError], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        rest.check(answer(status=status), now=NOW)
    assert type(caught.value) is kind


def test_a_conversation_that_is_not_found_is_lost() -> None:
    with pytest.raises(ConversationLost):
        rest.check(answer(status=404), now=NOW, is_about_conversation=True)
    rest.check(answer(status=204), now=NOW)


def test_a_token_that_made_us_nobody_is_told_as_such() -> None:
    assert isinstance(rest.not_accepted(), MissingAuthError)
    assert "did not accept" in str(rest.not_accepted())
    assert "`jumpseat login microsoft`" in str(rest.not_accepted())


def test_a_sign_in_of_the_newer_chat_is_told_as_such() -> None:
    error = rest.other_generation()

    assert (type(error), error.code) == (NotSignedIn, "other_generation")
    assert "`jumpseat login microsoft --har FILE`" in str(error)


def test_retry_after_is_taken_over() -> None:
    error = rest.refusal(answer(status=429, retry_after="Fri, 20 Nov 2026 12:00:30 GMT"), now=NOW)

    assert isinstance(error, RateLimited)
    assert error.retry_after == 30.0


def test_only_nameless_trouble_is_tried_again() -> None:
    assert rest.is_passing_trouble(answer(status=502))
    assert not rest.is_passing_trouble(answer(status=503, retry_after="5"))
    assert not rest.is_passing_trouble(answer(status=429))
