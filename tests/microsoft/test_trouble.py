"""The errors of one classic turn."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from jumpseat.microsoft import codes, trouble
from jumpseat.microsoft.frames import Incoming
from jumpseat.model.errors import JumpseatError, RateLimited, UpstreamBroke, UpstreamInterrupted

NOW = datetime(2026, 8, 13, 15, 0, tzinfo=UTC)


def meaning(
    event: str, code: object = None, *, mode: str = "chat", is_too_fast: bool = False
) -> codes.Meaning:
    frame = Incoming(event=event, error_code=code)
    return trouble.meaning_of(frame, mode=mode, is_too_fast=is_too_fast)


def reported(meaning: codes.Meaning, now: datetime | None = NOW, **fields: Any) -> JumpseatError:
    frame = Incoming(event="error", **fields)
    trace = [("connected", 40), ("> send", 120)]
    return trouble.reported(frame, meaning, trace=trace, now=now, may_be_delivered=True)


@pytest.mark.parametrize(
    ("event", "code", "wanted"),
    [
        ("error", "blocked", codes.CODES["blocked"]),
        ("chatMessageError", "throttled", codes.CODES["throttled"]),
        ("error", "surprise", codes.UNKNOWN_CODE),
        ("error", None, codes.UNKNOWN_CODE),
        ("error", ["blocked"], codes.UNKNOWN_CODE),
        ("imageGenerationFailed", "blocked", codes.IMAGE_CODES["blocked"]),
        ("imageGenerationFailed", "surprise", codes.IMAGE_CODES["other"]),
        ("turnLimitReached", None, codes.TURN_LIMIT),
        ("banned", "blocked", codes.BANNED),
    ],
)
def test_a_frame_has_its_meaning(event: str, code: object, wanted: codes.Meaning) -> None:
    assert meaning(event, code) is wanted


def test_an_exotic_mode_is_a_reason_for_an_invalid_event() -> None:
    assert meaning("error", "invalid-event") is codes.CODES["invalid-event"]
    assert meaning("error", "invalid-event", mode="study") is codes.UNAVAILABLE_MODE


def test_too_many_messages_means_full_or_too_fast() -> None:
    assert meaning("error", "too-many-messages") is codes.CODES["too-many-messages"]
    assert meaning("error", "too-many-messages", is_too_fast=True) is codes.TOO_FAST


@pytest.mark.parametrize(
    "fields",
    [
        {"error_detail": {"nextAvailableAt": "2026-08-13T15:10:00Z"}},
        {"next_available_at": "2026-08-13T15:10:00Z"},
        {"error_detail": "soon", "next_available_at": "2026-08-13T15:10:00Z"},
        {"error_detail": {}, "ban_expires_at": "2026-08-13T15:10:00Z"},
    ],
)
def test_a_moment_becomes_seconds_from_now(fields: dict[str, Any]) -> None:
    error = reported(codes.CODES["throttled"], **fields)

    assert isinstance(error, RateLimited)
    assert error.retry_after == 600.0
    assert error.may_be_delivered


def test_without_a_clock_there_are_no_seconds() -> None:
    error = reported(codes.CODES["throttled"], now=None, next_available_at="2026-08-13T15:10:00Z")

    assert isinstance(error, RateLimited)
    assert error.retry_after is None
    assert "15:10 UTC" in error.message


def test_too_fast_has_a_time_of_its_own_unless_the_server_says_one() -> None:
    for until, seconds in ((None, 1500.0), ("2026-08-13T15:10:00Z", 600.0)):
        error = reported(codes.TOO_FAST, next_available_at=until)
        assert isinstance(error, RateLimited)
        assert error.retry_after == seconds


def test_only_a_refused_order_tells_the_trace() -> None:
    refused = reported(codes.CODES["invalid-event"], error_code="invalid-event").message

    assert "connected 40, > send 120" in refused
    assert "connected" not in reported(codes.CODES["blocked"], error_code="blocked").message


def test_a_socket_that_closes_early_has_three_errors() -> None:
    def cut(code: int | None, *, has_shown: bool, is_given_out: bool) -> UpstreamBroke:
        return trouble.cut_short(
            code, has_shown=has_shown, is_given_out=is_given_out, may_be_delivered=is_given_out
        )

    interrupted = cut(None, has_shown=True, is_given_out=True)
    assert type(interrupted) is UpstreamInterrupted
    assert "code" not in interrupted.message
    assert interrupted.may_be_delivered

    silent = cut(1000, has_shown=False, is_given_out=True)
    assert type(silent) is UpstreamBroke
    assert "(code 1000) without replying" in silent.message
    assert silent.may_be_delivered

    early = cut(1000, has_shown=False, is_given_out=False)
    assert "before the question was sent" in early.message
    assert not early.may_be_delivered


def test_nonsense_is_told_with_the_trace() -> None:
    error = trouble.makes_sense_no_more("sent nonsense", [("done", 20)], may_be_delivered=True)

    assert error.message.startswith("Copilot sent nonsense. ")
    assert error.message.endswith("done 20")
    assert error.may_be_delivered
