"""Tokens for Copilot's API as values: what an exchange gives, where it may be shown, whose a token is."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import msgspec
import pytest

from jumpseat.github import tokens
from jumpseat.github.hosts import Site
from jumpseat.github.tokens import CopilotToken, NoExchange
from jumpseat.model.credentials import Credential, Secret
from jumpseat.model.errors import InvalidRequest, JumpseatError, NotSignedIn, UpstreamBroke, UpstreamRefused
from jumpseat.transport.wire import Response

NOW = 1_800_000_000.0
SITE = Site(host="github.com", web="https://github.com", api="https://api.github.com")
TENANT = Site(host="acme.ghe.com", web="https://acme.ghe.com", api="https://api.acme.ghe.com")
LOCAL = Site(host="127.0.0.1", web="http://127.0.0.1:8400", api="http://127.0.0.1:8400")
INDIVIDUAL = "https://api.individual.githubcopilot.com"


def answer(fields: object, status: int = 200, *, date: float | None = NOW) -> Response:
    headers = {"content-type": "application/json"}
    if date is not None:
        headers["date"] = formatdate(date, usegmt=True)
    return Response(status=status, headers=headers, body=msgspec.json.encode(fields))


def exchanged(site: Site = SITE, *, date: float | None = NOW, **fields: Any) -> CopilotToken:
    given = {"token": "tid=1;exp=2:mac", "endpoints": {"api": INDIVIDUAL}, **fields}
    read = tokens.read_exchange(answer(given, date=date), site, at=NOW)
    assert isinstance(read, CopilotToken)
    return read


def test_the_exchange_is_asked_for_in_our_own_name() -> None:
    call = tokens.exchange_call(TENANT)

    assert (call.method, call.url) == ("GET", "https://api.acme.ghe.com/copilot_internal/v2/token")
    assert call.headers["X-GitHub-Api-Version"] == "2025-04-01"
    for name in ("User-Agent", "Editor-Version"):
        assert call.headers[name].startswith("jumpseat/")


def test_an_exchanged_token_comes_with_its_life_and_its_host() -> None:
    token = exchanged(refresh_in=1500, expires_at=int(NOW) + 1800)

    assert token == CopilotToken(token=Secret("tid=1;exp=2:mac"), seconds=1560, api=INDIVIDUAL)
    assert "mac" not in repr(token)


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"refresh_in": 60, "expires_at": "nonsense"}, 120),
        ({"expires_at": int(NOW) + 1800}, 1800),
        ({"expires_at": "2027-01-15T08:30:00Z"}, 1800),
        ({"refresh_in": "soon", "expires_at": int(NOW) + 1800}, 1800),
        ({"refresh_in": -5, "expires_at": int(NOW) + 1800}, 1800),
        ({"refresh_in": int(NOW) + 100, "expires_at": int(NOW) + 1800}, 1800),
        ({"refresh_in": True}, tokens.EXCHANGED_SECONDS),
        ({"expires_at": int(NOW) - 1}, tokens.EXCHANGED_SECONDS),
        ({}, tokens.EXCHANGED_SECONDS),
    ],
)
def test_its_life_is_a_duration_in_githubs_own_words(fields: dict[str, Any], seconds: float) -> None:
    assert exchanged(**fields).seconds == seconds


@pytest.mark.parametrize("days", [-2, 2])
def test_a_clock_that_is_two_days_wrong_changes_no_life(days: int) -> None:
    there = NOW + days * 86400

    assert exchanged(date=there, expires_at=int(there) + 1800).seconds == 1800
    assert exchanged(date=None, expires_at=int(there) + 1800).seconds == tokens.EXCHANGED_SECONDS


@pytest.mark.parametrize("fields", [{}, {"token": ""}, {"token": 5}, {"token": "a b"}, []])
def test_an_answer_without_a_token_is_an_error(fields: object) -> None:
    with pytest.raises(UpstreamBroke, match="without a token"):
        tokens.read_exchange(answer(fields), SITE, at=NOW)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "Not Found"),
        (403, "Resource not accessible by personal access token"),
        (403, "Resource not accessible by integration"),
        (403, ""),
    ],
)
def test_a_token_of_another_kind_is_to_be_used_as_it_is(status: int, message: str) -> None:
    read = tokens.read_exchange(answer({"message": message}, status), SITE, at=NOW)

    assert isinstance(read, NoExchange)
    assert message in read.why


def test_a_refusal_for_another_reason_is_an_error() -> None:
    details = {"error_details": {"notification_id": "subscription_ended", "message": "It ended."}}
    with pytest.raises(UpstreamRefused, match="It ended") as caught:
        tokens.read_exchange(answer(details, 403), SITE, at=NOW)
    assert caught.value.code == "subscription_ended"


@pytest.mark.parametrize(
    "address",
    [
        INDIVIDUAL,
        f"{INDIVIDUAL}/",
        f"{INDIVIDUAL}:443",
        "https://api.githubcopilot.com",
        "https://api.business.githubcopilot.com",
        "https://API.Enterprise.GithubCopilot.com",
        "https://github.com",
        "https://api.github.com",
    ],
)
@pytest.mark.parametrize("site", [SITE, TENANT])
def test_githubs_own_hosts_may_see_a_token(address: str, site: Site) -> None:
    assert tokens.checked_address(address, site) == address.rstrip("/")


@pytest.mark.parametrize("part", ["", "api.", "copilot-api."])
def test_a_tenants_hosts_may_see_that_tenants_tokens_and_no_others(part: str) -> None:
    assert tokens.checked_address(f"https://{part}acme.ghe.com", TENANT)
    for address, site in ((f"https://{part}acme.ghe.com", SITE), (f"https://{part}evil.ghe.com", TENANT)):
        with pytest.raises(UpstreamBroke, match="nothing was sent there"):
            tokens.checked_address(address, site)


FOREIGN = [
    "http://api.githubcopilot.com",
    "https://api.githubcopilot.com.example",
    "https://githubcopilot.com",
    "https://evilgithubcopilot.com",
    "https://evil.example/api.githubcopilot.com",
    "https://evil.example#api.githubcopilot.com",
    "https://api.githubcopilot.com@evil.example",
    "https://me:pw@api.githubcopilot.com",
    "https://api.githubcopilot.com:8443",
    "https://api.githubcopilot.com:port",
    "https://api.githubcopilot.com?x=1",
    "https://api.githubcopilot.com?",
    "https://api.githubcopilot.com#",
    "https://api.githubcopilot.com:",
    "https://api.githubcopilot.com.",
    " https://api.githubcopilot.com",
    "https://api.githubcopilot.com\\@evil.example",
    "https://api.githubcopilot.com\n",
    "https://äpi.githubcopilot.com",
    "https://.githubcopilot.com",
    "https://a.b.ghe.com",
    "https://ghe.com",
    "https://gist.github.com",
    "https://[::1",
    "https://[bad].githubcopilot.com",
    "//api.githubcopilot.com",
    "api.githubcopilot.com",
    "",
    5,
    {},
]


@pytest.mark.parametrize("told", [*FOREIGN, "http://127.0.0.1:8400", "https://localhost"])
def test_no_other_host_may_see_one(told: object) -> None:
    with pytest.raises(UpstreamBroke, match="nothing was sent there") as caught:
        tokens.checked_address(told, SITE)
    assert caught.value.code == "host_not_allowed"
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize("told", [*FOREIGN, INDIVIDUAL, "ftp://127.0.0.1"])
def test_a_stand_in_leads_to_no_other_machine(told: object) -> None:
    with pytest.raises(UpstreamBroke, match="nothing was sent there"):
        tokens.checked_address(told, LOCAL)


def test_a_stand_in_leads_to_this_machine() -> None:
    assert tokens.checked_address("http://localhost:9/", LOCAL) == "http://localhost:9"


@pytest.mark.parametrize(
    ("site", "address"),
    [
        (SITE, "https://api.githubcopilot.com"),
        (TENANT, "https://copilot-api.acme.ghe.com"),
        (LOCAL, "http://127.0.0.1:8400"),
    ],
)
def test_where_no_host_is_told_the_usual_one_is_meant(site: Site, address: str) -> None:
    assert exchanged(site, endpoints=None).api == address
    assert exchanged(site, endpoints={}).api == address


def test_a_token_is_asked_whose_it_is() -> None:
    call = tokens.user_call(TENANT)

    assert (call.method, call.url) == ("GET", "https://api.acme.ghe.com/user")


@pytest.mark.parametrize("login", ["octocat", "Mona-Lisa_acme", "robot[bot]"])
def test_an_owner_has_a_login_name(login: str) -> None:
    assert tokens.read_user(answer({"login": login}), SITE, at=NOW) == login


@pytest.mark.parametrize("fields", [{}, {"login": 5}, {"login": ""}, {"login": "a\x1b[2J"}, [], "x"])
def test_who_has_no_login_name_is_nobody(fields: object) -> None:
    with pytest.raises(UpstreamBroke, match="whose token this is"):
        tokens.read_user(answer(fields), SITE, at=NOW)


def test_a_token_that_was_taken_back_is_nobodys() -> None:
    with pytest.raises(NotSignedIn, match="Bad credentials"):
        tokens.read_user(answer({"message": "Bad credentials"}, 401), SITE, at=NOW)


OLD = Credential(
    token=Secret("ghu_old"),
    refresh_token=Secret("ghr_old"),
    client_id="Iv1.0123456789",
    host="acme.ghe.com",
    obtained_at=1.0,
    expires_at=2.0,
)


def renewed(**fields: Any) -> Credential:
    return tokens.read_refresh(answer(fields), TENANT, OLD, at=NOW)


def test_a_refresh_is_asked_for_without_its_secret() -> None:
    call = tokens.refresh_call(TENANT, "Iv1.0123456789")

    assert call.url == "https://acme.ghe.com/login/oauth/access_token"
    assert call.form == {"client_id": "Iv1.0123456789", "grant_type": "refresh_token"}
    assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"
    with pytest.raises(InvalidRequest):
        tokens.refresh_call(TENANT, "no id")


def test_a_refresh_gives_both_tokens_anew() -> None:
    assert renewed(access_token="ghu_new", refresh_token="ghr_new", expires_in=28800) == Credential(
        token=Secret("ghu_new"),
        refresh_token=Secret("ghr_new"),
        client_id="Iv1.0123456789",
        host="acme.ghe.com",
        obtained_at=NOW,
        expires_at=NOW + 28800,
    )


@pytest.mark.parametrize("refresh", [None, 5, "a b"])
def test_a_refresh_token_that_does_not_change_stays(refresh: object) -> None:
    credential = renewed(access_token="ghu_new", refresh_token=refresh)

    assert credential.refresh_token == Secret("ghr_old")
    assert credential.expires_at is None


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        (answer({"error": "bad_refresh_token"}), NotSignedIn, "bad_refresh_token.*jumpseat login github"),
        (answer({"error": {"x": 1}}), NotSignedIn, "unknown error"),
        (answer({"error": "a\x1b[2J"}), NotSignedIn, "unknown error"),
        (answer({"message": "no"}, 500), UpstreamBroke, "out of order"),
        (answer({}), UpstreamBroke, "without a token"),
        (answer({"access_token": "a b"}), UpstreamBroke, "without a token"),
    ],
)
def test_a_refresh_that_fails_says_why(given: Response, kind: type[JumpseatError], says: str) -> None:
    with pytest.raises(kind, match=says):
        tokens.read_refresh(given, TENANT, OLD, at=NOW)
