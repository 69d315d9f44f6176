"""What looks at the browser of a sign-in show."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jumpseat.microsoft.page_caches import CHAT_AI
from jumpseat.microsoft.signin import (
    Found,
    Look,
    Waiting,
    Wanted,
    cookie_origins,
    origin_of,
    origins,
    read,
    wanted_at,
)
from jumpseat.model.credentials import ChatSocket, Credential, Secret
from jumpseat.model.errors import InvalidRequest

NOW = 1_800_000_000.0
SITE = "https://copilot.microsoft.com"
SYDNEY = "https://substrate.office.com/sydney/v2/.default"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
CLASSIC_SOCKET = "wss://copilot.microsoft.com/c/api/chat?api-version=2"
CHATHUB_SOCKET = f"wss://substrate.office.com/m365Copilot/Chathub/obj@{PERSONAL}?variants=a%2Cb&X-SessionId=s"
AUTH0_KEY = "@@auth0spajs@@::client::https://copilot.microsoft.com::openid"


def msal(token: str = "tok", target: str = CHAT_AI, ends_in: float = 3000.0, **more: Any) -> str:
    entry = {
        "credentialType": "AccessToken",
        "secret": token,
        "target": target,
        "cachedAt": str(int(NOW - 600)),
        "expiresOn": str(int(NOW + ends_in)),
    }
    return json.dumps({**entry, **more})


def auth0(token: str = "tok", user_id: str = "google-oauth2|1", ends_in: float = 3000.0) -> str:
    body = {"access_token": token, "decodedToken": {"user": {"sub": user_id}}}
    return json.dumps({"body": body, "expiresAt": NOW + ends_in})


ENCRYPTED = json.dumps({"id": "key", "nonce": "n", "data": "d", "lastUpdatedAt": "1"})


def look(*sockets: str, site: str = SITE, target: str | None = "ChatAI", **storage: str) -> Found | Waiting:
    seen = Look(
        storage={key.replace("__", "|"): value for key, value in storage.items()},
        socket_urls=[Secret(url) for url in sockets],
    )
    return read(seen, wanted_at(site, target), now=NOW)


def found(result: Found | Waiting) -> Credential:
    assert isinstance(result, Found), result
    return result.credential


def signs(result: Found | Waiting) -> list[str]:
    assert isinstance(result, Waiting)
    return [sign.name for sign in result.signs]


def token_of(result: Found | Waiting) -> str:
    token = found(result).token
    assert token is not None
    return token.reveal()


# The chat's socket.


def test_the_socket_of_the_chat_shows_the_token() -> None:
    url = f"{CLASSIC_SOCKET}&clientSessionId=c1&X-UserIdentityType=google&accessToken=to%2Bk%252B+en%3D"

    assert found(look(url)) == Credential(
        token=Secret("to+k%2B+en="),
        identity_type="google",
        generation="classic",
        host="copilot.microsoft.com",
        obtained_at=NOW,
        expires_at=NOW + 3600,
        socket=ChatSocket(host="copilot.microsoft.com", client_session_id="c1", api_version="2"),
    )


def test_the_newest_socket_with_a_token_counts() -> None:
    urls = (f"{CLASSIC_SOCKET}&accessToken=old", f"{CLASSIC_SOCKET}&accessToken=new", CLASSIC_SOCKET)

    assert token_of(look(*urls)) == "new"


def test_the_socket_counts_more_than_what_the_page_keeps() -> None:
    result = look(f"{CLASSIC_SOCKET}&accessToken=used", msal=msal("kept"), **{AUTH0_KEY: auth0("kept")})

    assert token_of(result) == "used"


def test_the_cache_knows_when_the_token_of_the_socket_ends() -> None:
    credential = found(look(f"{CLASSIC_SOCKET}&accessToken=used", other=msal("kept"), one=msal("used")))

    assert (credential.obtained_at, credential.expires_at) == (NOW - 600, NOW + 3000)


def test_the_cache_knows_how_the_person_signed_in() -> None:
    credential = found(look(f"{CLASSIC_SOCKET}&accessToken=used", **{AUTH0_KEY: auth0("used", "apple|1")}))

    assert credential.identity_type == "apple"


def test_the_socket_may_be_at_the_other_address_of_the_same_site() -> None:
    credential = found(look("wss://copilot.com/c/api/chat?accessToken=tok"))

    assert credential.host == "copilot.com"
    assert cookie_origins(wanted_at(SITE, None), credential) == ("https://copilot.com",)


def test_the_newer_chat_is_found_where_any_will_do() -> None:
    credential = found(look(f"{CHATHUB_SOCKET}&access_token=tok", target=None))

    assert credential == Credential(
        token=Secret("tok"),
        generation="chathub",
        host="substrate.office.com",
        obtained_at=NOW,
        expires_at=NOW + 8 * 3600,
        socket=ChatSocket(
            host="substrate.office.com",
            object_id="obj",
            tenant_id=PERSONAL,
            parameters={"variants": "a,b", "X-SessionId": "s"},
        ),
    )
    assert "'tok'" not in repr(credential)
    assert set(cookie_origins(wanted_at(SITE, None), credential)) == set(origins(wanted_at(SITE, None)))


def test_the_newer_chat_is_found_by_its_own_word() -> None:
    assert token_of(look(f"{CHATHUB_SOCKET}&access_token=tok", target="sydney")) == "tok"


def test_a_work_account_of_the_newer_chat_is_let_in_for_less_long() -> None:
    socket = "wss://substrate.svc.cloud.microsoft/m365Copilot/Chathub/obj@firm?access_token=tok"
    credential = found(look(socket, site="https://m365.cloud.microsoft", target="sydney"))

    assert credential.expires_at == NOW + 75 * 60


def test_nothing_that_may_be_a_secret_is_kept_of_an_address() -> None:
    details = found(look(f"{CHATHUB_SOCKET}&access_token=t&reconnectToken=r", target=None)).socket

    assert details is not None
    assert set(details.parameters) == {"variants", "X-SessionId"}


def test_a_word_in_the_place_of_a_token_is_none() -> None:
    assert signs(look(f"{CLASSIC_SOCKET}&accessToken=undefined")) == ["signed-out"]


def test_a_chathub_without_a_name_in_its_address_is_one_still() -> None:
    details = found(
        look("wss://substrate.office.com/m365Copilot/Chathub/?access_token=t", target=None)
    ).socket

    assert details is not None
    assert (details.object_id, details.tenant_id) == (None, None)


@pytest.mark.parametrize(
    "url",
    [
        "wss://copilot.microsoft.com.evil.example/c/api/chat?accessToken=tok",
        "wss://evil.example/c/api/chat?accessToken=tok",
        "ws://copilot.microsoft.com/c/api/chat?accessToken=tok",
        "wss://copilot.microsoft.com:444/c/api/chat?accessToken=tok",
        "wss://copilot.microsoft.com/c/api/notifications?accessToken=tok",
        "wss://x.webpubsub.azure.com/client/hubs/notifications?access_token=tok",
        "wss://substrate.office.com/m365Copilot/Other/x?access_token=tok",
        "wss://[broken/c/api/chat?accessToken=tok",
        "wss://copilot.microsoft.com:port/c/api/chat?accessToken=tok",
        "",
    ],
)
def test_other_sockets_show_nothing(url: str) -> None:
    assert look(url, target=None) == Waiting()


def test_a_stand_in_serves_all_from_one_address() -> None:
    site = "http://127.0.0.1:8400/client-first"
    classic = "ws://127.0.0.1:8400/client-first/c/api/chat?accessToken=tok"
    chathub = "ws://127.0.0.1:8400/m365Copilot/Chathub/o@t?access_token=tok"

    assert found(look(classic, site=site)).generation == "classic"
    assert found(look(chathub, site=site, target=None)).generation == "chathub"
    assert look("ws://127.0.0.1:8401/c/api/chat?accessToken=tok", site=site) == Waiting()


# What the page keeps.


@pytest.mark.parametrize("key", ["msal.2__home__env__accesstoken", "msal.3__home__env__accesstoken", "plain"])
def test_a_plain_token_of_msal_is_found(key: str) -> None:
    assert found(look(**{key: msal()})) == Credential(
        token=Secret("tok"),
        host="copilot.microsoft.com",
        obtained_at=NOW - 600,
        expires_at=NOW + 3000,
    )


def test_of_several_the_one_that_lives_longest_counts() -> None:
    result = look(a=msal("short", ends_in=10), b=msal("long", ends_in=20), c=msal("over", ends_in=-1))

    assert token_of(result) == "long"


def test_a_token_whose_end_nobody_knows_is_given_the_usual_life() -> None:
    credential = found(look(a=msal(expiresOn="?", cachedAt=None)))

    assert (credential.obtained_at, credential.expires_at) == (NOW, NOW + 3600)


def test_a_token_of_auth0_is_found_with_the_kind_of_sign_in() -> None:
    credential = found(look(**{AUTH0_KEY: auth0()}))

    assert credential.token == Secret("tok")
    assert credential.identity_type == "google"
    assert credential.expires_at == NOW + 3000


def test_the_page_keeps_the_newer_chats_token_and_its_owners_id_too() -> None:
    credential = found(look(a=msal(target=SYDNEY, homeAccountId=f"obj.{PERSONAL}"), target="sydney"))

    assert credential.generation == "chathub"
    assert credential.socket == ChatSocket(object_id="obj", tenant_id=PERSONAL)


def test_any_word_of_a_scope_may_be_asked_for() -> None:
    assert token_of(look(a=msal(target="Graph/Mail.Read"), target="mail.read")) == "tok"


# What is no sign-in yet.


def test_at_first_there_is_nothing() -> None:
    assert look() == Waiting()


def test_an_encrypted_cache_is_explained() -> None:
    result = look(msal__2=ENCRYPTED)

    assert signs(result) == ["encrypted"]
    assert isinstance(result, Waiting)
    assert "send one message in the window" in result.signs[0].says


def test_an_expired_token_is_said_to_be_one() -> None:
    assert signs(look(a=msal(ends_in=-1))) == ["expired"]
    assert signs(look(a=msal(ends_in=-1), b=msal(target="Graph/Mail.Read"))) == ["expired"]
    assert signs(look(**{AUTH0_KEY: auth0(ends_in=-1)})) == ["expired"]


def test_a_token_for_something_else_is_named() -> None:
    result = look(a=msal(target="Graph/Mail.Read \x1b[2J" + "x" * 200))

    assert isinstance(result, Waiting)
    [sign] = result.signs
    assert sign.name == "wrong-target"
    assert "Graph/Mail.Read [2Jx" in sign.says
    assert "ChatAI" in sign.says
    assert "…" in sign.says
    assert "\x1b" not in sign.says
    assert "Graph/Mail.Read, and none" in look(a=msal(target="Graph/Mail.Read")).signs[0].says  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("socket", "target", "chat"),
    [
        (f"{CHATHUB_SOCKET}&access_token=tok", "ChatAI", "newer chat"),
        (f"{CLASSIC_SOCKET}&accessToken=tok", "sydney", "older chat"),
    ],
)
def test_the_other_chat_is_named(socket: str, target: str, chat: str) -> None:
    result = look(socket, target=target)

    assert signs(result) == ["other-chat"]
    assert isinstance(result, Waiting)
    assert chat in result.signs[0].says


def test_a_chat_without_an_account_is_said_to_be_one() -> None:
    assert signs(look(CLASSIC_SOCKET)) == ["signed-out"]


def test_all_that_was_seen_is_told_and_never_a_value() -> None:
    result = look(CLASSIC_SOCKET, f"{CHATHUB_SOCKET}&access_token=tik", a=msal(ends_in=-1), b=ENCRYPTED)

    assert signs(result) == ["other-chat", "encrypted", "expired", "signed-out"]
    assert "tik" not in repr(result)
    assert "'tok" not in repr(result)


# What to look for, and where.


def test_the_site_and_the_word_say_what_is_wanted() -> None:
    assert wanted_at(f"{SITE}/", "ChatAI") == Wanted(origin=SITE, words=("ChatAI",))
    assert wanted_at(SITE, None).words == ("ChatAI", "sydney")


@pytest.mark.parametrize(
    "url", ["copilot.microsoft.com", "", "file:///etc/passwd", "ftp://host/", "https://[x"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="https://HOST"):
        wanted_at(url, "ChatAI")


def test_an_empty_word_is_refused_for_every_token_would_do() -> None:
    with pytest.raises(InvalidRequest, match="ChatAI"):
        wanted_at(SITE, " ")


def test_microsofts_pages_are_looked_at_together_and_others_alone() -> None:
    assert origins(wanted_at(SITE, None))[0] == SITE
    assert "https://www.copilot.com" in origins(wanted_at(SITE, None))
    assert origins(wanted_at("http://127.0.0.1:8400", None)) == ("http://127.0.0.1:8400",)


def test_the_cookies_are_those_of_the_site() -> None:
    wanted = wanted_at("http://127.0.0.1:8400", None)

    assert cookie_origins(wanted, Credential(host="127.0.0.1")) == (wanted.origin,)
    assert cookie_origins(wanted, Credential(host="127.0.0.1", generation="chathub")) == (wanted.origin,)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("WSS://Host.Example:443/x?y", "https://host.example"),
        ("ws://[::1]:80/", "http://[::1]"),
        ("http://host.example.:8080", "http://host.example:8080"),
    ],
)
def test_origins_are_compared_by_their_parts(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_a_look_does_not_show_what_it_saw() -> None:
    assert repr(Look(storage={"a": "canary"}, socket_urls=())) == "Look(1 entries, 0 sockets)"


def test_a_look_shows_what_it_saw_to_nobody() -> None:
    seen = Look(storage={"a": msal("tok")}, socket_urls=[Secret(f"{CLASSIC_SOCKET}&accessToken=tok")])

    assert repr(seen) == "Look(1 entries, 1 sockets)"


def test_an_identity_type_that_would_end_a_header_is_left_out() -> None:
    url = f"{CLASSIC_SOCKET}&X-UserIdentityType=google%0D%0ACookie%3A%20x&accessToken=t"

    assert found(look(url)).identity_type is None
