"""What the page keeps in localStorage, read without trusting any of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumpseat.microsoft.page_caches import (
    CHAT_AI,
    CachedToken,
    auth0_tokens,
    is_encrypted,
    msal_tokens,
    objects_in,
)
from jumpseat.model.credentials import Secret

NOW = 1_800_000_000.0
AUTH0_KEY = "@@auth0spajs@@::client::https://copilot.microsoft.com::openid"


def msal(**changes: Any) -> dict[str, Any]:
    entry = {
        "homeAccountId": "object.tenant",
        "credentialType": "AccessToken",
        "secret": "tok",
        "target": CHAT_AI,
        "cachedAt": str(int(NOW - 60)),
        "expiresOn": str(int(NOW + 3600)),
    }
    return {**entry, **changes}


def test_only_json_objects_are_entries() -> None:
    storage = {"a": '{"x": 1}', "b": "[1]", "c": "plain", "d": "\ud800", "e": "[" * 100_000, "f": ""}

    assert objects_in(storage) == {"a": {"x": 1}}


def test_a_plain_token_is_read_with_what_the_cache_says_of_it() -> None:
    assert list(msal_tokens([msal()], NOW)) == [
        CachedToken(
            token=Secret("tok"),
            target=CHAT_AI,
            obtained_at=NOW - 60,
            expires_at=NOW + 3600,
            home="object.tenant",
        )
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"credentialType": "IdToken"},
        {"secret": ""},
        {"secret": 7},
        {"target": None},
        {"credentialType": None},
    ],
)
def test_what_is_no_access_token_is_passed_over(changes: dict[str, Any]) -> None:
    assert list(msal_tokens([msal(**changes)], NOW)) == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (str(int(NOW)), NOW),
        (int(NOW), NOW),
        (NOW, NOW),
        ("soon", None),
        (None, None),
        (True, None),
        (-5, None),
        ("nan", None),
        (10**400, None),
        (1e300, None),
        (253402300800, None),
        ([NOW], None),
    ],
)
def test_moments_may_be_text_or_numbers(written: object, read: float | None) -> None:
    [token] = msal_tokens([msal(expiresOn=written)], NOW)

    assert token.expires_at == read


def test_an_account_of_an_odd_type_is_none() -> None:
    [token] = msal_tokens([msal(homeAccountId=5)], NOW)

    assert token.home == ""


def test_moments_of_another_clock_are_not_believed() -> None:
    """Two days ahead when the token was kept, and put right since."""
    ahead = 2 * 86400
    [token] = msal_tokens([msal(cachedAt=NOW + ahead, expiresOn=NOW + ahead + 3600)], NOW)

    assert (token.obtained_at, token.expires_at) == (None, None)
    assert not token.has_ended(NOW)


def test_a_token_ends_when_its_time_has_come() -> None:
    [token] = msal_tokens([msal()], NOW)

    assert not token.has_ended(NOW + 3599)
    assert token.has_ended(NOW + 3600)


@pytest.mark.parametrize(
    ("user_id", "identity"),
    [("google-oauth2|123", "google"), ("apple|123", "apple"), ("windowslive|123", None), (5, None)],
)
def test_auth0_says_how_the_person_signed_in(user_id: object, identity: str | None) -> None:
    body = {"access_token": "tok", "decodedToken": {"user": {"sub": user_id}}}
    [token] = auth0_tokens({AUTH0_KEY: {"body": body, "expiresAt": NOW + 60}}, NOW)

    assert token.identity_type == identity
    assert token.token == Secret("tok")
    assert token.expires_at == NOW + 60


def test_auth0_may_keep_the_user_in_an_entry_of_its_own() -> None:
    objects: dict[str, dict[str, Any]] = {
        "@@auth0spajs@@::client::@@user@@": {"decodedToken": {"claims": {"sub": "apple|1"}}},
        AUTH0_KEY: {"body": {"access_token": "tok"}},
    }
    [token] = auth0_tokens(objects, NOW)

    assert token.identity_type == "apple"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("@@auth0spajs@@::client::https://other.example::openid", {"body": {"access_token": "tok"}}),
        ("@@auth0spajs@@", {"body": {"access_token": "tok"}}),
        ("other::client::https://copilot.microsoft.com", {"body": {"access_token": "tok"}}),
        (AUTH0_KEY, {"body": {"access_token": ""}}),
        (AUTH0_KEY, {"body": "tok"}),
        (AUTH0_KEY, {}),
    ],
)
def test_what_auth0_keeps_for_others_is_passed_over(key: str, value: dict[str, Any]) -> None:
    assert list(auth0_tokens({key: value}, NOW)) == []


def test_an_encrypted_entry_is_recognised() -> None:
    assert is_encrypted({"id": "k", "nonce": "n", "data": "d", "lastUpdatedAt": "1"})
    assert not is_encrypted({"id": "k", "nonce": "n"})
    assert not is_encrypted(msal())


def test_nothing_shows_a_token() -> None:
    tokens = [*msal_tokens([msal()], NOW), *auth0_tokens({AUTH0_KEY: {"body": {"access_token": "tok"}}}, NOW)]

    assert "tok'" not in repr(tokens)
    assert "'tok" not in repr(tokens)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = ["credentialType", "secret", "target", "cachedAt", "expiresOn", "body", "expiresAt", "access_token"]
_ENTRY = st.dictionaries(st.sampled_from(_FIELDS) | st.text(), st.just("AccessToken") | _JSON, max_size=8)


@given(st.dictionaries(st.just(AUTH0_KEY) | st.text(), _ENTRY.map(json.dumps) | st.text(), max_size=4))
def test_no_storage_is_too_odd(storage: dict[str, str]) -> None:
    objects = objects_in(storage)
    found = [*msal_tokens(objects.values(), NOW), *auth0_tokens(objects, NOW)]

    assert all(isinstance(token.token, Secret) for token in found)
