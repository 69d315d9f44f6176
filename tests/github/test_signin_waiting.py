"""The device flow: when it is asked again, what ends it, and the grant."""

from __future__ import annotations

import json

import pytest

from jumpseat.github.hosts import Site
from jumpseat.github.signin import DeviceCode, DeviceFlow
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import SignInFailed
from jumpseat.transport.wire import Response, WireFailed

GITHUB = Site(host="github.com", web="https://github.com", api="https://api.github.com")
OCTO = Site(host="octo.ghe.com", web="https://octo.ghe.com", api="https://api.octo.ghe.com")
CLIENT_ID = "Ov23liTestTestTest"
AT = 1_800_000_000.0
PENDING = {"error": "authorization_pending"}


def answer(fields: object, status: int = 200, **headers: str) -> Response:
    return Response(status=status, headers=headers, body=json.dumps(fields).encode())


def code(interval: float = 5.0, expires_in: float = 900.0) -> DeviceCode:
    return DeviceCode(
        device_code=Secret("d"),
        user_code="WDJB-MJHT",
        verification_uri="https://github.com/login/device",
        expires_in=expires_in,
        interval=interval,
    )


def flow(interval: float = 5.0, expires_in: float = 900.0, site: Site = GITHUB) -> DeviceFlow:
    return DeviceFlow(code(interval, expires_in), site, CLIENT_ID, clock=0.0)


def test_while_the_person_is_awaited_it_is_asked_at_the_interval() -> None:
    waiting = flow(interval=7)

    for moment in range(0, 800, 7):
        assert waiting.pause(float(moment)) == 7.0
        assert waiting.receive(answer(PENDING), at=AT) is None


def test_it_goes_on_well_beyond_one_minute_and_ends_with_the_code() -> None:
    """Others give up after a minute, or poll for ever."""
    waiting = flow(interval=5, expires_in=900)

    assert waiting.pause(894.0) == 5.0
    assert waiting.pause(895.0) == 5.0
    with pytest.raises(SignInFailed, match="not approved") as caught:
        waiting.pause(895.1)
    assert caught.value.code == "expired_token"


def test_slow_down_is_no_failure_and_adds_five_seconds_for_good() -> None:
    """Others treat it as a failure, or ignore it."""
    waiting = flow(interval=5)

    assert waiting.receive(answer({"error": "slow_down"}), at=AT) is None
    assert waiting.pause(0.0) == 10.0
    waiting.receive(answer(PENDING), at=AT)
    assert waiting.pause(10.0) == 10.0
    waiting.receive(answer({"error": "slow_down"}), at=AT)
    assert waiting.pause(20.0) == 15.0


@pytest.mark.parametrize(
    ("told", "interval"), [(12, 12.0), ("12", 12.0), (5, 10.0), (1, 10.0), ("x", 10.0), (10**6, 120.0)]
)
def test_slow_down_may_name_the_new_interval_which_is_never_a_faster_one(
    told: object, interval: float
) -> None:
    waiting = flow(interval=5)

    waiting.receive(answer({"error": "slow_down", "interval": told}), at=AT)

    assert waiting.pause(0.0) == interval


@pytest.mark.parametrize("status", [200, 400])
def test_the_word_counts_whatever_the_status(status: int) -> None:
    assert flow().receive(answer(PENDING, status), at=AT) is None
    with pytest.raises(SignInFailed) as caught:
        flow().receive(answer({"error": "access_denied"}, status), at=AT)
    assert caught.value.code == "access_denied"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (answer({"error": "expired_token"}), "expired_token"),
        (answer({"error": "access_denied"}), "access_denied"),
        (answer({"error": "unsupported_grant_type"}), "unsupported_grant_type"),
        (answer({"error": "incorrect_client_credentials"}), "incorrect_client_credentials"),
        (answer({"error": "incorrect_device_code"}), "incorrect_device_code"),
        (answer({"error": "device_flow_disabled"}), "device_flow_disabled"),
        (answer({"error": "riddle"}), "sign_in_failed"),
        (answer({}, 404), "incorrect_client_credentials"),
        (answer({}, 422), "sign_in_failed"),
    ],
)
def test_after_some_answers_no_other_comes(given: Response, code: str) -> None:
    with pytest.raises(SignInFailed) as caught:
        flow().receive(given, at=AT)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "given",
    [
        answer({}, 500),
        answer({}, 429),
        answer({}, 302),
        answer({}),
        answer({"access_token": ""}),
        answer({"access_token": "a b"}),
        Response(status=200, body=b"<html>portal</html>"),
    ],
)
def test_trouble_on_the_way_is_borne_with_ever_longer_pauses(given: Response) -> None:
    waiting = flow(interval=5)

    pauses = []
    for _ in range(6):
        assert waiting.receive(given, at=AT) is None
        pauses.append(waiting.pause(0.0))

    assert pauses == [10.0, 20.0, 40.0, 60.0, 60.0, 60.0]
    assert waiting.trouble
    waiting.receive(answer(PENDING), at=AT)
    assert (waiting.pause(0.0), waiting.trouble) == (5.0, "")


def test_trouble_for_hours_does_not_overflow() -> None:
    waiting = flow(interval=5)
    for _ in range(5000):
        waiting.stumble(WireFailed("no network"))

    assert waiting.pause(0.0) == 60.0


def test_a_long_interval_is_not_shortened_by_trouble() -> None:
    waiting = flow(interval=100)
    waiting.stumble(WireFailed("no network"))

    assert waiting.pause(0.0) == 100.0


def test_a_limit_that_says_when_to_come_again_is_obeyed() -> None:
    waiting = flow(interval=5)

    waiting.receive(answer({}, 429, **{"retry-after": "90"}), at=AT)

    assert waiting.pause(0.0) == 90.0


def test_the_last_pause_ends_with_the_code_and_the_end_tells_the_trouble() -> None:
    waiting = flow(interval=5)
    waiting.stumble(WireFailed("no connection to github.com: \x1b[2Jno route."))

    assert waiting.pause(893.0) == 7.0
    with pytest.raises(SignInFailed, match=r"last try failed: no connection to github\.com: \[2Jno route\."):
        waiting.pause(900.0)


# --- The grant ---


def test_a_grant_is_a_credential() -> None:
    granted = flow(site=OCTO).receive(
        answer({"access_token": "gho_abc", "token_type": "bearer", "scope": "read:user"}), at=AT
    )

    assert granted is not None
    credential = granted.credential
    assert credential.token == Secret("gho_abc")
    assert (credential.host, credential.client_id, credential.obtained_at) == ("octo.ghe.com", CLIENT_ID, AT)
    assert credential.expires_at is None
    assert credential.refresh_token is None
    assert granted.unasked == ()
    assert "gho_abc" not in repr(granted)


def test_a_github_app_with_expiring_tokens_gives_more() -> None:
    granted = flow().receive(
        answer({"access_token": "ghu_abc", "scope": "", "expires_in": 28800, "refresh_token": "ghr_abc"}),
        at=AT,
    )

    assert granted is not None
    assert granted.credential.expires_at == AT + 28800
    assert granted.credential.refresh_token == Secret("ghr_abc")


@pytest.mark.parametrize(
    ("scope", "unasked"),
    [
        (None, ()),
        ("", ()),
        ("read:user", ()),
        ("repo,read:user", ("repo",)),
        ("repo gist, read:user", ("repo", "gist")),
        (["repo"], ()),
        ("re\x1bpo", ("repo",)),
    ],
)
def test_what_was_granted_unasked_is_told(scope: object, unasked: tuple[str, ...]) -> None:
    granted = flow().receive(answer({"access_token": "gho_abc", "scope": scope}), at=AT)

    assert granted is not None
    assert granted.unasked == unasked
