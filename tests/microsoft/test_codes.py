"""Every error code and status of the classic protocol has its own meaning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from jumpseat.microsoft import codes
from jumpseat.microsoft.codes import CODES, IMAGE_CODES, STATUSES, make_error, shown, status_error
from jumpseat.model.errors import (
    ConversationLost,
    HumanCheckRequired,
    InvalidRequest,
    JumpseatError,
    MissingAuthError,
    NotSignedIn,
    QuotaExceeded,
    RateLimited,
    UpstreamBroke,
    UpstreamRefused,
)

TABLE: list[tuple[str, type[JumpseatError]]] = [
    ("invalid-event", UpstreamBroke),
    ("text-too-long", InvalidRequest),
    ("too-many-messages", ConversationLost),
    ("throttled", RateLimited),
    ("over-turn-limit", QuotaExceeded),
    ("over-reasoning-quota", QuotaExceeded),
    ("over-research-quota", QuotaExceeded),
    ("taskLimit", QuotaExceeded),
    ("chat-service-unavailable", UpstreamRefused),
    ("blocked", UpstreamRefused),
    ("event-not-recognized", UpstreamBroke),
]


def test_the_table_holds_every_code_of_the_protocol() -> None:
    assert [(code, meaning.error) for code, meaning in CODES.items()] == TABLE


def test_every_meaning_is_its_own_and_says_what_to_do() -> None:
    told = [meaning.what for table in (CODES, IMAGE_CODES, STATUSES) for meaning in table.values()]
    told += [codes.BANNED.what, codes.UNKNOWN_CODE.what, codes.UNAVAILABLE_MODE.what, codes.TOO_FAST.what]

    assert len(set(told)) == len(told)
    for table in (CODES, IMAGE_CODES, STATUSES):
        assert all(meaning.next_step for meaning in table.values())


@pytest.mark.parametrize("meaning", [*CODES.values(), *IMAGE_CODES.values(), *STATUSES.values()])
def test_a_message_is_sentences(meaning: codes.Meaning) -> None:
    message = make_error(meaning).message

    assert message[0].isupper()
    assert message.endswith(f". {meaning.next_step}.")
    assert ".." not in message


def test_a_text_that_is_too_long_names_the_field() -> None:
    error = make_error(CODES["text-too-long"])

    assert isinstance(error, InvalidRequest)
    assert (error.param, error.code) == ("messages", "context_length_exceeded")


def test_a_rate_limit_says_how_long_and_until_when() -> None:
    until = datetime(2026, 8, 13, 17, 17, tzinfo=timezone(timedelta(hours=2)))
    error = make_error(CODES["throttled"], until=until, retry_after=60.0, may_be_delivered=True)

    assert isinstance(error, RateLimited)
    assert error.retry_after == 60.0
    assert error.may_be_delivered
    assert "until 2026-08-13 15:17 UTC" in error.message


def test_a_quota_says_when_it_resets() -> None:
    until = datetime(2026, 8, 14, tzinfo=UTC)
    error = make_error(codes.TURN_LIMIT, until=until)

    assert isinstance(error, QuotaExceeded)
    assert error.resets_at == until


def test_what_the_server_said_stands_in_brackets() -> None:
    assert "(blocked: no)" in make_error(CODES["blocked"], remark="blocked: no").message


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (302, NotSignedIn, "not_signed_in"),
        (400, UpstreamBroke, "upstream_broke"),
        (401, MissingAuthError, "missing_auth"),
        (403, UpstreamRefused, "front_refused"),
        (404, ConversationLost, "conversation_lost"),
        (429, RateLimited, "rate_limited"),
        (451, UpstreamRefused, "not_offered"),
        (460, UpstreamRefused, "network_refused"),
        (500, UpstreamBroke, "upstream_trouble"),
        (503, UpstreamBroke, "upstream_trouble"),
        (600, UpstreamBroke, "upstream_broke"),
    ],
)
def test_every_status_has_a_meaning(status: int, error: type[JumpseatError], code: str) -> None:
    made = status_error(status)

    assert type(made) is error
    assert made.code == code
    assert f"HTTP {status}" in made.message


def test_a_status_passes_on_how_long_to_wait() -> None:
    error = status_error(429, retry_after=30.0)

    assert isinstance(error, RateLimited)
    assert error.retry_after == 30.0
    assert not error.may_be_delivered


def test_a_human_check_is_told_word_for_word() -> None:
    error = codes.human_check(may_be_delivered=True)

    assert isinstance(error, HumanCheckRequired)
    assert error.message == codes.HUMAN_CHECK
    assert error.may_be_delivered


def test_a_word_of_the_server_is_made_fit_for_a_message() -> None:
    assert shown(" a\nb\x1b[31m ") == "a b [31m"
    assert len(shown("x" * 999)) == codes.MAX_SHOWN_CHARS
    assert shown({"not": "text"}) == ""
