"""Every status of GitHub's web chat as an error that says what to do next."""

from __future__ import annotations

import pytest

from jumpseat.github.statuses import BLOCKS, Call, api_refusal, is_block, token_refusal, wants_fresh_token
from jumpseat.model.errors import (
    ConversationLost,
    InvalidRequest,
    JumpseatError,
    NotSignedIn,
    QuotaExceeded,
    RateLimited,
    UpstreamBroke,
    UpstreamRefused,
)
from jumpseat.transport.wire import Response

NOW = 1_800_000_000.0


def answer(status: int, body: bytes = b'{"message":"So it is"}', **headers: str) -> Response:
    return Response(
        status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=body
    )


API = [
    (302, UpstreamBroke, "upstream_broke", "JUMPSEAT_GITHUB_CHAT_URL"),
    (400, UpstreamRefused, "http_400", "Change the question"),
    (401, NotSignedIn, "not_signed_in", "`jumpseat login github-web --cookies FILE`"),
    (402, QuotaExceeded, "quota_exceeded", "settings/copilot"),
    (403, NotSignedIn, "not_signed_in", "personal access token does not work"),
    (404, ConversationLost, "conversation_lost", "Begin a new conversation"),
    (410, ConversationLost, "conversation_lost", "Begin a new conversation"),
    (413, InvalidRequest, "invalid_request", "Shorten"),
    (421, UpstreamRefused, "wrong_plan_host", "api.business.githubcopilot.com"),
    (422, UpstreamRefused, "http_422", "Change the question"),
    (429, RateLimited, "rate_limited", "Ask again in a few minutes"),
    (500, UpstreamBroke, "upstream_unavailable", "Try again later"),
    (503, UpstreamBroke, "upstream_unavailable", "githubstatus"),
]


@pytest.mark.parametrize(("status", "kind", "code", "says"), API)
def test_each_status_of_a_message_has_its_own_meaning(
    status: int, kind: type[JumpseatError], code: str, says: str
) -> None:
    error = api_refusal(answer(status), "message", now=NOW)

    assert type(error) is kind
    assert error.code == code
    assert says in str(error)
    assert status == 302 or f"HTTP {status}: So it is" in str(error)
    assert error.may_be_delivered == (status >= 500)


@pytest.mark.parametrize("call", ["thread", "models"])
def test_nothing_is_delivered_by_the_calls_before_the_question(call: Call) -> None:
    for status in (200, 302, 400, 404, 410, 429, 500):
        assert not api_refusal(answer(status), call, now=NOW).may_be_delivered


def test_a_404_where_no_thread_is_asked_for_speaks_of_the_address() -> None:
    error = api_refusal(answer(404), "thread", now=NOW)

    assert type(error) is UpstreamRefused
    assert error.code == "not_found"
    assert "JUMPSEAT_GITHUB_CHAT_URL" in str(error)


def test_a_request_refused_before_the_question_does_not_blame_the_question() -> None:
    assert "newer jumpseat" in str(api_refusal(answer(400), "thread", now=NOW))


def test_a_web_page_in_place_of_the_api_is_named() -> None:
    page = answer(200, b"<!doctype html>", content_type="text/html; charset=utf-8")

    error = api_refusal(page, "message", now=NOW)

    assert type(error) is UpstreamBroke
    assert "a web page" in str(error)
    assert error.may_be_delivered


@pytest.mark.parametrize("status", [429, 403])
def test_a_limit_tells_the_true_wait(status: int) -> None:
    error = api_refusal(answer(status, retry_after="7"), "message", now=NOW)

    assert isinstance(error, RateLimited)
    assert error.retry_after == 7
    assert "Ask again in 7 seconds" in str(error)


@pytest.mark.parametrize("word", BLOCKS)
@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_blocked_account_is_left_alone(status: int, word: str) -> None:
    refusal = answer(status, f'{{"error":"{word}","message":"Stop"}}'.encode())

    for error in (api_refusal(refusal, "message", now=NOW), token_refusal(refusal, now=NOW)):
        assert type(error) is UpstreamRefused
        assert error.code == word
        assert is_block(error)
    assert not wants_fresh_token(refusal)


def test_other_refusals_may_be_asked_about_again() -> None:
    assert not is_block(token_refusal(answer(403), now=NOW))
    assert not is_block(UpstreamRefused("no", code="http_418"))


def test_a_fresh_token_is_wanted_only_where_it_may_help() -> None:
    assert wants_fresh_token(answer(401))
    assert wants_fresh_token(answer(403))
    assert not wants_fresh_token(answer(403, retry_after="5"))
    assert not wants_fresh_token(answer(200))
    assert not wants_fresh_token(answer(404))


@pytest.mark.parametrize(
    "refusal",
    [
        answer(401),
        answer(403),
        answer(302),
        answer(200, b" <html>"),
        answer(200, b"", content_type="text/html"),
    ],
)
def test_a_session_that_is_over_asks_for_new_cookies(refusal: Response) -> None:
    error = token_refusal(refusal, now=NOW)

    assert type(error) is NotSignedIn
    assert "Sign in to https://github.com" in str(error)
    assert "`jumpseat login github-web --cookies FILE`" in str(error)


def test_a_token_call_that_finds_nothing_tells_both_causes() -> None:
    error = token_refusal(answer(404), now=NOW)

    assert type(error) is NotSignedIn
    assert "not signed in" in str(error)
    assert "out of order for everybody" in str(error)


@pytest.mark.parametrize(
    ("refusal", "kind", "code"),
    [
        (answer(200, b"{}"), UpstreamBroke, "upstream_broke"),
        (answer(422), UpstreamRefused, "http_422"),
        (answer(429), RateLimited, "rate_limited"),
        (answer(403, retry_after="5"), RateLimited, "rate_limited"),
        (answer(500), UpstreamBroke, "upstream_unavailable"),
    ],
)
def test_the_token_call_knows_the_common_refusals(
    refusal: Response, kind: type[JumpseatError], code: str
) -> None:
    error = token_refusal(refusal, now=NOW)

    assert type(error) is kind
    assert error.code == code
    assert not error.may_be_delivered
