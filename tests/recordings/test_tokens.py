"""The chat tokens of a recording."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jumpseat.model.credentials import ChatSocket, Secret
from jumpseat.recordings.entries import Entry, read_entry
from jumpseat.recordings.tokens import (
    Granted,
    Token,
    bearer_token,
    better,
    chathub_token,
    classic_socket_token,
    granted_tokens,
    identity_type_of,
    is_taken_out,
    token_of,
)
from tests.recordings.hars import (
    BEGAN,
    CHATHUB_TOKEN,
    CLASSIC_SOCKET,
    CLASSIC_USER,
    OBJECT,
    PERSONAL_TENANT,
    QUESTION,
    TOKEN,
    TOKEN_ENDPOINT,
    WORK_TENANT,
    Exchange,
    chathub_socket,
    entry_of,
    invocation,
)

SCOPE = "140e65af-45d1-4427-bf08-3e7295db6836/ChatAI.ReadWrite"
SYDNEY = "https://substrate.office.com/sydney/v2/.default"


def entry(url: str, **more: Any) -> Entry:
    found = read_entry(entry_of(Exchange(url=url, **more)))
    assert found is not None
    return found


def granted(body: object, url: str = TOKEN_ENDPOINT, **more: Any) -> list[Granted]:
    text = body if isinstance(body, str) else json.dumps(body)
    return list(granted_tokens(entry(url, mime_type="application/json", body=text, **more)))


def test_a_classic_socket_shows_its_token_and_what_goes_with_it() -> None:
    found = classic_socket_token(entry(CLASSIC_SOCKET))

    assert found is not None
    assert found.secret.reveal() == TOKEN
    assert (found.generation, found.host, found.at) == ("classic", "copilot.microsoft.com", BEGAN.timestamp())
    assert found.socket == ChatSocket(host="copilot.microsoft.com", client_session_id="c-1", api_version="2")
    assert found.life() == 3600


@pytest.mark.parametrize("value", ["", "undefined", "null", "a%20b", "a%0D%0Ab", "%C3%A9", "x" * 17_000])
def test_what_cannot_be_sent_is_no_token(value: str) -> None:
    assert classic_socket_token(entry(f"wss://copilot.microsoft.com/c/api/chat?accessToken={value}")) is None
    assert chathub_token(entry(chathub_socket(token=value))) is None


def test_what_a_tool_put_in_its_place_is_no_token() -> None:
    socket = entry("wss://copilot.microsoft.com/c/api/chat?accessToken=[REDACTED]")

    assert classic_socket_token(socket) is None
    assert is_taken_out(socket.parameter("accessToken"))
    assert not is_taken_out(TOKEN)


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer t", "t"), ("bearer  t ", "t"), ("Basic t", None), ("Bearer  ", None), ("", None)],
)
def test_a_call_shows_its_token_in_a_header(header: str, token: str | None) -> None:
    found = bearer_token(entry(CLASSIC_USER, headers={"AUTHORIZATION": header}))

    assert (found.secret.reveal() if found else None) == token
    assert found is None or found.socket is None


def test_a_chathub_socket_shows_its_token_and_all_of_the_page_but_the_question() -> None:
    url = chathub_socket() + "&reconnectToken=hush&=nameless"
    found = chathub_token(entry(url, sent=(invocation(),)))

    assert found is not None
    assert found.secret.reveal() == CHATHUB_TOKEN
    assert found.account_type == "personal"
    assert found.socket == ChatSocket(
        host="substrate.office.com",
        object_id=OBJECT,
        tenant_id=PERSONAL_TENANT,
        parameters={
            "chatsessionid": "s-1",
            "X-SessionId": "x-1",
            "variants": "feature.a,feature.b",
            "source": '"officeweb"',
            "licenseType": "Starter",
        },
        options_sets=("enterprise_flux", "cwc_fileupload"),
        allowed_message_types=("Chat", "Suggestion"),
        client_info={"clientPlatform": "mcmcopilot-web", "clientAppName": "Office"},
        tone="Magic",
    )
    shown = repr(found)
    assert not any(secret in shown for secret in (CHATHUB_TOKEN, QUESTION, "hush"))


@pytest.mark.parametrize(
    ("path", "account_type", "hours"),
    [
        (f"{OBJECT}@{PERSONAL_TENANT}", "personal", 8),
        (f"{OBJECT}%40{PERSONAL_TENANT.upper()}/", "personal", 8),
        (f"{OBJECT}@{WORK_TENANT}", "work", 1.25),
        ("", None, 1.25),
    ],
)
def test_the_tenant_tells_whose_account_it_is_and_so_its_life(
    path: str, account_type: str | None, hours: float
) -> None:
    found = chathub_token(entry(f"wss://substrate.office.com/m365Copilot/Chathub/{path}?access_token=t"))

    assert found is not None
    assert found.account_type == account_type
    assert found.life() == hours * 3600
    assert found.socket is not None
    assert found.socket.object_id == (OBJECT if path else None)


def made(secret: str, *, place: int = 2, at: float = 0, socket: ChatSocket | None = None) -> Token:
    return Token(secret=Secret(secret), generation="chathub", place=place, at=at, host="h", socket=socket)


def test_the_better_place_counts_first_and_then_the_newer_one() -> None:
    assert better(made("a", at=1), made("b", at=2)).secret == Secret("b")
    assert better(made("a", at=2), made("b", at=1)).secret == Secret("a")
    assert better(made("a", place=1, at=9), made("b", place=2, at=1)).secret == Secret("b")


def test_the_page_said_things_on_an_older_socket_of_the_same_account() -> None:
    told = ChatSocket(object_id="me", options_sets=("a",), allowed_message_types=("b",), tone="Magic")
    plain = ChatSocket(object_id="me", host="h")
    own = ChatSocket(object_id="me", options_sets=("own",))
    other = ChatSocket(object_id="somebody")

    def kept(newer: ChatSocket | None) -> ChatSocket | None:
        return better(made("old", at=1, socket=told), made("new", at=2, socket=newer)).socket

    assert kept(plain) == ChatSocket(
        host="h", object_id="me", options_sets=("a",), allowed_message_types=("b",), tone="Magic"
    )
    assert kept(own) == own
    assert kept(other) == other
    assert kept(None) is None
    assert better(made("old", at=1), made("new", at=2, socket=plain)).socket == plain


@pytest.mark.parametrize(
    ("scope", "generation"),
    [
        (f"{SCOPE} openid profile", "classic"),
        (SYDNEY, "chathub"),
        ("https://graph.microsoft.com/.default", None),
    ],
)
def test_a_granted_token_is_known_by_its_scope(scope: str, generation: str | None) -> None:
    body = {"access_token": TOKEN, "scope": scope, "expires_in": 4000, "refresh_token": "hush"}
    (found,) = granted(body)

    assert found == Granted(Secret(TOKEN), scope, BEGAN.timestamp() + 4000)
    assert found.generation == generation


@pytest.mark.parametrize("expires_in", [None, True, 0, -5, 10**12, 10**30, 3600.5, "soon", "9" * 400, "-1"])
def test_a_life_that_makes_no_sense_is_not_known(expires_in: object) -> None:
    (found,) = granted({"access_token": "t", "scope": SCOPE, "expires_in": expires_in})

    assert found.expires_at is None


def test_a_life_may_be_a_text() -> None:
    (found,) = granted(
        {"access_token": "t", "expires_in": "3600"}, "https://login.live.com/oauth20_token.srf"
    )

    assert found.expires_at == BEGAN.timestamp() + 3600
    assert found.generation is None


def test_a_life_without_a_moment_to_count_from_is_not_known() -> None:
    content = {"mimeType": "application/json", "text": '{"access_token":"t","expires_in":5}'}
    raw = json.dumps({"request": {"url": TOKEN_ENDPOINT}, "response": {"content": content}})
    found = read_entry(raw.encode())

    assert found is not None
    assert [one.expires_at for one in granted_tokens(found)] == [None]


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"access_token":3}', '{"error":"invalid_grant"}', {"access_token": "a b"}]
)
def test_an_answer_without_a_token_grants_none(body: object) -> None:
    assert granted(body) == []


def test_only_the_endpoint_for_tokens_is_looked_at() -> None:
    assert granted({"access_token": "t"}, "https://login.live.com/ppsecure/post.srf") == []
    assert granted({"access_token": "t"}, TOKEN_ENDPOINT + "s") == []


def test_a_token_that_was_only_granted_has_no_host() -> None:
    endpoint = entry(TOKEN_ENDPOINT, at=1)
    found = token_of(Granted(Secret(TOKEN), SCOPE, None), "classic", endpoint)

    assert (found.host, found.rank) == ("", (0, BEGAN.timestamp() + 60))


def test_an_identity_type_is_one_word_that_a_header_can_hold() -> None:
    assert identity_type_of("google-oauth2") == "google-oauth2"
    assert [identity_type_of(odd) for odd in ("", "a b", "a\r\nCookie: x", "x" * 41)] == [None] * 4
