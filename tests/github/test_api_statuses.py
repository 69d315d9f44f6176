"""What refusals of GitHub's own API mean, and which of them are none."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import msgspec
import pytest

from jumpseat.github.api_statuses import api_error, is_no_exchange, told_in
from jumpseat.github.hosts import Site
from jumpseat.github.statuses import BLOCKS, is_block
from jumpseat.model.errors import JumpseatError, NotSignedIn, RateLimited, UpstreamBroke, UpstreamRefused
from jumpseat.transport.wire import Response

NOW = 1_800_000_000.0
SITE = Site(host="github.com", web="https://github.com", api="https://api.github.com")


def answer(status: int, fields: object = None, **headers: str) -> Response:
    return Response(
        status=status,
        headers={"content-type": "application/json"} | {n.replace("_", "-"): v for n, v in headers.items()},
        body=msgspec.json.encode(fields or {}),
    )


def notified(reason: object, **details: Any) -> Response:
    return answer(
        403,
        {
            "message": "Resource not accessible",
            "error_details": {"notification_id": reason, "message": "No.", **details},
        },
    )


def error(given: Response) -> JumpseatError:
    return api_error(given, SITE, at=NOW)


@pytest.mark.parametrize(
    "reason", ["not_signed_up", "billing_locked", "trade_restricted", "brand_new_reason"]
)
def test_a_refusal_of_the_account_names_its_reason_and_its_page(reason: str) -> None:
    refused = error(notified(reason, url="https://github.com/settings/copilot?x=1"))

    assert isinstance(refused, UpstreamRefused)
    assert refused.code == reason
    assert "No." in refused.message
    assert "See https://github.com/settings/copilot " in refused.message
    assert "x=1" not in refused.message
    assert not is_block(refused)


@pytest.mark.parametrize(
    "url",
    [
        None,
        5,
        "javascript:alert(1)",
        "https://a b",
        "https://a\x1b[2J",
        "https://[bad",
        "https://" + "x" * 999,
    ],
)
def test_what_is_no_page_is_not_shown(url: object) -> None:
    assert " See " not in error(notified("not_signed_up", url=url)).message


@pytest.mark.parametrize("reason", BLOCKS)
def test_a_refusal_for_abuse_is_final(reason: str) -> None:
    blocked = error(notified(reason, url="https://github.com/contact"))

    assert is_block(blocked)
    assert blocked.code == reason
    assert "See https://github.com/contact" in blocked.message
    assert "does not ask again by itself" in blocked.message
    assert not is_no_exchange(notified(reason))


def test_trouble_of_githubs_own_is_no_refusal() -> None:
    broke = error(notified("server_error"))

    assert isinstance(broke, UpstreamBroke)
    assert broke.code == "upstream_unavailable"


@pytest.mark.parametrize(
    ("given", "wait"),
    [
        (answer(429), None),
        (answer(429, retry_after="7"), 7),
        (answer(403, {"message": "API rate limit exceeded for user ID 1."}), None),
        (answer(403, {"message": "You have exceeded a secondary rate limit"}, retry_after="60"), 60),
        (answer(403, {"message": "API rate limit exceeded"}, x_ratelimit_reset=str(int(NOW) + 90)), 90),
        (answer(403, {"message": "API rate limit exceeded"}, x_ratelimit_reset="soon"), None),
        (answer(403, {"message": "no"}, retry_after="3"), 3),
    ],
)
def test_a_limit_says_how_long_it_lasts(given: Response, wait: float | None) -> None:
    limited = error(given)

    assert isinstance(limited, RateLimited)
    assert limited.retry_after == wait
    assert not is_no_exchange(given)


def test_a_limit_is_told_by_githubs_clock() -> None:
    there = NOW + 2 * 86400
    for header in ({"retry_after": formatdate(there + 90)}, {"x_ratelimit_reset": str(int(there) + 90)}):
        limited = error(answer(429, date=formatdate(there), **header))

        assert isinstance(limited, RateLimited)
        assert limited.retry_after == 90


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        (answer(401, {"message": "Bad credentials"}), NotSignedIn, "Bad credentials.*jumpseat login github"),
        (answer(403, {"message": "Forbidden"}), NotSignedIn, "jumpseat login github"),
        (answer(500), UpstreamBroke, "out of order"),
        (answer(302), UpstreamBroke, "something on the way"),
        (answer(200), UpstreamBroke, "something on the way"),
        (answer(418), UpstreamRefused, "HTTP 418"),
        (
            Response(status=403, headers={"content-type": "text/html"}, body=b"<html>"),
            UpstreamBroke,
            "a web page",
        ),
    ],
)
def test_any_other_status_says_who_mends_it(given: Response, kind: type[JumpseatError], says: str) -> None:
    assert isinstance(error(given), kind)
    with pytest.raises(kind, match=says):
        raise error(given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer(404), True),
        (answer(403, {"message": "Resource not accessible by integration"}), True),
        (notified(5), True),
        (notified("Not A Word"), True),
        (answer(403, {"error_details": "text"}), True),
        (notified("not_signed_up"), False),
        (answer(401), False),
        (answer(200), False),
        (Response(status=404, headers={"content-type": "text/html"}, body=b"<html>"), False),
    ],
)
def test_what_only_says_that_there_is_no_exchange(given: Response, expected: bool) -> None:
    assert is_no_exchange(given) is expected


def test_what_was_said_is_told_in_one_line() -> None:
    assert told_in(notified("x")) == "HTTP 403: No."
    assert told_in(answer(403, {"message": "a\nb"})) == "HTTP 403: a b"
    assert told_in(answer(500)) == "HTTP 500"
