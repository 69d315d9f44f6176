"""How each error is told."""

from __future__ import annotations

import inspect
import json

import pytest

from jumpseat.dialects.failures import error_event, failure
from jumpseat.model import errors
from jumpseat.model.errors import (
    ConversationBusy,
    ConversationLost,
    HumanCheckRequired,
    InvalidRequest,
    JumpseatError,
    MissingAuthError,
    MissingRequirementsError,
    NotSignedIn,
    Overloaded,
    QuotaExceeded,
    RateLimited,
    StoreUnavailable,
    UpstreamBroke,
    UpstreamInterrupted,
    UpstreamRefused,
    UpstreamTimeout,
    VaultLocked,
)

CASES = [
    (InvalidRequest("m", param="messages[0].role"), 400, "invalid_request_error", "invalid_request"),
    (ConversationBusy("m", retry_after=2), 409, "conflict_error", "conversation_busy"),
    (NotSignedIn("m"), 402, "billing_error", "not_signed_in"),
    (MissingAuthError("m"), 402, "billing_error", "missing_auth"),
    (VaultLocked("m"), 402, "billing_error", "vault_locked"),
    (HumanCheckRequired("m"), 402, "billing_error", "human_check_required"),
    (QuotaExceeded("m"), 402, "billing_error", "quota_exceeded"),
    (UpstreamRefused("m", code="region"), 402, "permission_error", "region"),
    (UpstreamRefused("m", code="blocked"), 400, "invalid_request_error", "content_filter"),
    (UpstreamRefused("m", code="content_filter"), 400, "invalid_request_error", "content_filter"),
    (ConversationLost("m"), 400, "invalid_request_error", "conversation_lost"),
    (MissingRequirementsError("m"), 402, "billing_error", "missing_requirements"),
    (RateLimited("m", retry_after=1.2), 429, "rate_limit_error", "rate_limited"),
    (RateLimited("m", retry_after=60), 429, "rate_limit_error", "rate_limited"),
    (RateLimited("m", retry_after=60.5), 402, "billing_error", "rate_limited"),
    (RateLimited("m"), 429, "rate_limit_error", "rate_limited"),
    (UpstreamBroke("m"), 502, "api_error", "upstream_broke"),
    (UpstreamInterrupted("m"), 502, "api_error", "upstream_interrupted"),
    (UpstreamTimeout("m", which="idle"), 504, "timeout_error", "upstream_timeout"),
    (Overloaded("m", retry_after=0), 503, "overloaded_error", "overloaded"),
    (StoreUnavailable("m"), 503, "api_error", "store_unavailable"),
    (JumpseatError("m"), 500, "api_error", "error"),
]


@pytest.mark.parametrize(("error", "status", "type_", "code"), CASES, ids=lambda case: str(case)[:40])
def test_each_error_has_its_status_and_one_body_for_all_clients(
    error: JumpseatError, status: int, type_: str, code: str
) -> None:
    said, body, _ = failure(error)

    assert said == status
    assert json.loads(body) == {
        "type": "error",
        "error": {"type": type_, "code": code, "message": "m", "param": getattr(error, "param", None)},
    }


def test_no_error_of_ours_is_without_an_answer() -> None:
    kinds = {
        kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, JumpseatError)
    }
    told = {base for error, *_ in CASES for base in type(error).__mro__}

    # What is told before anybody can ask over HTTP.
    assert kinds - told <= {errors.NoValidHarFileError, errors.AddressInUse, errors.SignInFailed}


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (ConversationBusy("m", retry_after=1.1), {"retry-after": "2"}),
        (RateLimited("m", retry_after=0.2), {"retry-after": "1"}),
        (RateLimited("m", retry_after=61), {"retry-after": "61", "x-should-retry": "false"}),
        (RateLimited("m"), {"x-should-retry": "false"}),
        (Overloaded("m", retry_after=3), {"retry-after": "3"}),
        (UpstreamBroke("m"), {}),
        (UpstreamBroke("m", may_be_delivered=True), {"x-should-retry": "false"}),
        (NotSignedIn("m"), {"x-should-retry": "false"}),
        (InvalidRequest("m"), {}),
    ],
    ids=lambda case: str(case)[:40],
)
def test_headers_say_whether_and_when_to_ask_again(error: JumpseatError, headers: dict[str, str]) -> None:
    assert failure(error)[2] == headers


def test_in_the_middle_of_a_stream_an_error_is_an_event() -> None:
    event = error_event(UpstreamInterrupted("it broke off"))

    assert event.startswith(b"data: ")
    assert event.endswith(b"\n\n")
    assert json.loads(event[6:])["error"]["message"] == "it broke off"
