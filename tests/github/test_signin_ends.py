"""How a sign-in by a code ends badly, in words."""

from __future__ import annotations

import pytest

from jumpseat.github.hosts import Site
from jumpseat.github.signin_ends import expired, raise_known_end, refusal
from jumpseat.model.errors import RateLimited, SignInFailed, UpstreamBroke
from jumpseat.transport.wire import Response

SITE = Site(host="octo.ghe.com", web="https://octo.ghe.com", api="https://api.octo.ghe.com")
STAND_IN = Site(host="127.0.0.1", web="http://127.0.0.1:1", api="http://127.0.0.1:1")
AT = 1_800_000_000.0


@pytest.mark.parametrize(
    ("word", "next_step"),
    [
        ("expired_token", "jumpseat login github"),
        ("access_denied", "refused at octo.ghe.com"),
        ("unsupported_grant_type", "newer jumpseat"),
        ("incorrect_client_credentials", "https://octo.ghe.com/settings/developers"),
        ("incorrect_device_code", "jumpseat login github"),
        ("device_flow_disabled", "Enable Device Flow"),
    ],
)
def test_each_known_word_has_its_next_step_and_is_its_code(word: str, next_step: str) -> None:
    with pytest.raises(SignInFailed, match=next_step) as caught:
        raise_known_end({"error": word}, SITE)
    assert caught.value.code == word


@pytest.mark.parametrize("fields", [{}, {"error": 7}, {"error": "authorization_pending"}, {"error": "x"}])
def test_other_words_end_nothing_here(fields: dict[str, object]) -> None:
    raise_known_end(fields, SITE)


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        (404, b'{"error": "Not Found"}', SignInFailed, "no OAuth app with this client id"),
        (422, b'{"message": "bad scope"}', SignInFailed, "HTTP 422: bad scope"),
        (200, b'{"error": "riddle"}', SignInFailed, "HTTP 200: riddle"),
        (500, b"", UpstreamBroke, "out of order"),
        (502, b"<html>", UpstreamBroke, "githubstatus"),
        (200, b"<html>", UpstreamBroke, "a web page"),
        (302, b"", UpstreamBroke, "Check the network"),
        (200, b"{}", UpstreamBroke, "in place of octo.ghe.com"),
    ],
)
def test_each_status_is_named(status: int, body: bytes, error: type[Exception], said: str) -> None:
    found = refusal(Response(status=status, body=body), SITE, at=AT)

    assert type(found) is error
    assert said in str(found)


@pytest.mark.parametrize(("header", "wait", "said"), [("7", 7.0, "7 seconds"), ("", None, "few minutes")])
def test_too_often_says_when_to_come_again(header: str, wait: float | None, said: str) -> None:
    found = refusal(Response(status=429, headers={"retry-after": header}), SITE, at=AT)

    assert isinstance(found, RateLimited)
    assert found.retry_after == wait
    assert said in found.message


def test_behind_a_stand_in_apps_are_registered_at_github() -> None:
    assert "https://github.com/settings/developers" in str(refusal(Response(status=404), STAND_IN, at=AT))


def test_an_ended_code_can_say_more() -> None:
    assert "It rained. Run" in expired(SITE, " It rained.").message
