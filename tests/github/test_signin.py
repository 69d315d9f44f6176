"""The device flow: what is sent, what is read, and when it is asked again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jumpseat._version import __version__
from jumpseat.github import signin
from jumpseat.github.hosts import Site
from jumpseat.github.signin import DeviceCode, DeviceFlow, read_start
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import InvalidRequest, JumpseatError, SignInFailed, UpstreamBroke
from jumpseat.transport.wire import Response, WireFailed

GITHUB = Site(host="github.com", web="https://github.com", api="https://api.github.com")
OCTO = Site(host="octo.ghe.com", web="https://octo.ghe.com", api="https://api.octo.ghe.com")
STAND_IN = Site(host="127.0.0.1", web="http://127.0.0.1:8400", api="http://127.0.0.1:8400")
CLIENT_ID = "Ov23liTestTestTest"
AT = 1_800_000_000.0
START = {
    "device_code": "3584d83530557fdd1f46af8289938c8ef79f9dc5",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://github.com/login/device",
    "expires_in": 900,
    "interval": 5,
}
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


# --- The calls ---


def test_the_start_asks_for_the_smallest_scope_and_for_json() -> None:
    call = signin.start_call(GITHUB, f" {CLIENT_ID}\n")

    assert call.url == "https://github.com/login/device/code"
    assert call.form == {"client_id": CLIENT_ID, "scope": "read:user"}
    assert call.headers["Accept"] == "application/json"
    assert call.headers["User-Agent"] == f"jumpseat/{__version__}"


def test_a_poll_says_its_grant_and_holds_no_secret() -> None:
    call = signin.poll_call(OCTO, CLIENT_ID)

    assert call.url == "https://octo.ghe.com/login/oauth/access_token"
    assert call.form == {
        "client_id": CLIENT_ID,
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
    }


@pytest.mark.parametrize("text", ["", "x", "a b c d", "a&client_secret=x", "ä" * 20, "x" * 81, "abcd\nefgh"])
def test_what_can_be_no_client_id_is_not_sent(text: str) -> None:
    with pytest.raises(InvalidRequest, match="no client id") as caught:
        signin.start_call(GITHUB, text)
    assert caught.value.param == "client_id"


def test_a_client_secret_is_recognised_and_not_repeated() -> None:
    secret = "0123456789abcdef" * 2 + "01234567"

    with pytest.raises(InvalidRequest, match="client secret") as caught:
        signin.checked_client_id(secret)
    assert secret not in caught.value.message


@pytest.mark.parametrize("client_id", signin.OWNERS)
def test_somebody_elses_client_id_is_recognised(client_id: str) -> None:
    warning = signin.warning_about(f" {client_id} ")

    assert warning is not None
    assert signin.OWNERS[client_id] in warning
    assert "not to you" in warning


def test_an_id_of_ones_own_is_no_reason_to_warn() -> None:
    assert signin.warning_about(CLIENT_ID) is None


# --- The beginning ---


def test_a_beginning_is_read() -> None:
    begun = read_start(answer(START), GITHUB, at=AT)

    assert begun.device_code == Secret(str(START["device_code"]))
    assert begun.prompt == signin.Prompt(
        user_code="WDJB-MJHT", verification_uri="https://github.com/login/device", expires_in=900.0
    )
    assert begun.interval == 5.0
    assert str(START["device_code"]) not in repr(begun)


@pytest.mark.parametrize(
    ("told", "interval"),
    [
        (None, 5.0),
        (0, 5.0),
        (-3, 5.0),
        (True, 5.0),
        ("soon", 5.0),
        ([], 5.0),
        ("7", 7.0),
        (7.5, 7.5),
        (1e-9, signin.MIN_INTERVAL),
        (1e9, signin.MAX_INTERVAL),
    ],
)
def test_odd_intervals_are_made_sense_of(told: object, interval: float) -> None:
    assert read_start(answer({**START, "interval": told}), GITHUB, at=AT).interval == interval


@pytest.mark.parametrize(("told", "life"), [(None, 900.0), (-1, 900.0), ("600", 600.0), (10**9, 3600.0)])
def test_odd_lives_are_made_sense_of(told: object, life: float) -> None:
    assert read_start(answer({**START, "expires_in": told}), GITHUB, at=AT).expires_in == life


def test_what_is_no_number_of_json_is_no_answer() -> None:
    body = json.dumps({**START, "interval": float("inf")}).encode()

    with pytest.raises(UpstreamBroke):
        read_start(Response(status=200, body=body), GITHUB, at=AT)


@pytest.mark.parametrize(
    ("site", "told"),
    [
        (GITHUB, "https://github.com/login/device"),
        (GITHUB, "https://github.com/login/device?skip=1"),
        (OCTO, "https://octo.ghe.com/login/device"),
        (OCTO, "https://github.com/login/device"),
        (STAND_IN, "http://127.0.0.1:8400/login/device"),
        (STAND_IN, "http://localhost:8400/login/device"),
    ],
)
def test_githubs_own_page_is_shown_as_it_is_told(site: Site, told: str) -> None:
    assert read_start(answer({**START, "verification_uri": told}), site, at=AT).verification_uri == told


@pytest.mark.parametrize(
    "told",
    [
        None,
        7,
        "",
        "http://github.com/login/device",
        "https://github.com.evil.example/login/device",
        "https://evil.example/login/device",
        "https://github.com@evil.example/login/device",
        "https://me@github.com/login/device",
        "https://github.com:444/login/device",
        "https://github.com:port/login/device",
        "https://[github.com/login/device",
        "https://octo.ghe.com/login/device",
        "http://127.0.0.1:8400/login/device",
        "javascript:alert(1)",
        "https://github.com/login/device\x1b[2J",
        "https://github.com/login device",
        "https://gíthub.com/login/device",
        "https://github.com/" + "x" * 200,
    ],
)
def test_nobody_is_sent_to_another_page(told: object) -> None:
    begun = read_start(answer({**START, "verification_uri": told}), GITHUB, at=AT)

    assert begun.verification_uri == "https://github.com/login/device"


@pytest.mark.parametrize(
    "told",
    [
        "https://127.0.0.1:8400/login/device",
        "http://127.0.0.1:9/login/device",
        "https://github.com/login/device",
    ],
)
def test_a_stand_in_sends_to_itself_alone(told: str) -> None:
    begun = read_start(answer({**START, "verification_uri": told}), STAND_IN, at=AT)

    assert begun.verification_uri == "http://127.0.0.1:8400/login/device"


@pytest.mark.parametrize(
    "odd",
    [
        {"device_code": None},
        {"device_code": ""},
        {"device_code": "x" * 5000},
        {"device_code": "a b"},
        {"device_code": "a\n"},
        {"device_code": "ä"},
        {"user_code": None},
        {"user_code": "a\x1b[2J"},
        {"user_code": "x" * 33},
    ],
)
def test_a_beginning_without_a_code_is_a_fault_of_the_service(odd: dict[str, Any]) -> None:
    with pytest.raises(UpstreamBroke, match="without a code"):
        read_start(answer({**START, **odd}), GITHUB, at=AT)


@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        (answer({"error": "device_flow_disabled"}), SignInFailed, "device_flow_disabled"),
        (answer({"error": "incorrect_client_credentials"}), SignInFailed, "incorrect_client_credentials"),
        (answer({"error": "riddle"}), SignInFailed, "sign_in_failed"),
        (answer({"error": "Not Found"}, 404), SignInFailed, "incorrect_client_credentials"),
        (answer({}, 422), SignInFailed, "sign_in_failed"),
        (answer({}, 503), UpstreamBroke, "upstream_unavailable"),
        (answer({}, 429), JumpseatError, "rate_limited"),
        (Response(status=200, body=b"<html>"), UpstreamBroke, "upstream_broke"),
        (Response(status=200, headers={"content-type": "text/html"}), UpstreamBroke, "upstream_broke"),
        (answer(START, 302), UpstreamBroke, "upstream_broke"),
    ],
)
def test_a_beginning_can_fail(given: Response, error: type[JumpseatError], code: str) -> None:
    with pytest.raises(error) as caught:
        read_start(given, GITHUB, at=AT)
    assert caught.value.code == code


# --- The waiting ---


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
