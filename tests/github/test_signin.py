"""The device flow: what is sent, and how its beginning is read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jumpseat._version import __version__
from jumpseat.github import signin
from jumpseat.github.hosts import Site
from jumpseat.github.signin import read_start
from jumpseat.model.credentials import Secret
from jumpseat.model.errors import InvalidRequest, JumpseatError, SignInFailed, UpstreamBroke
from jumpseat.transport.wire import Response

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


def answer(fields: object, status: int = 200) -> Response:
    return Response(status=status, body=json.dumps(fields).encode())


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
