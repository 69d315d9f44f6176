"""Secrets do not show themselves."""

from __future__ import annotations

import copy
import pickle

import msgspec
import pytest

from jumpseat.model.credentials import Account, Credential, Secret

CANARY = "canary-4711"


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret(CANARY)

    assert secret.reveal() == CANARY
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>40}", "%s" % secret, repr([secret])):  # noqa: UP031
        assert CANARY not in shown


def test_a_secret_is_not_written_out() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(CANARY))
    with pytest.raises(TypeError):
        copy.copy(Secret(CANARY))
    with pytest.raises((TypeError, msgspec.ValidationError)):
        msgspec.json.encode(Secret(CANARY))


def test_a_credential_hides_its_secrets() -> None:
    credential = Credential(token=Secret(CANARY), cookies={"c": Secret(CANARY)})
    account = Account(kind="microsoft", name="me", credential=credential)

    assert CANARY not in repr(account)


def test_equal_secrets_are_equal() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


def test_a_token_is_fresh_until_its_time() -> None:
    assert Credential().is_fresh(0)
    assert Credential(expires_at=10).is_fresh(9.9)
    assert not Credential(expires_at=10).is_fresh(10)


def test_nothing_given_is_anonymous() -> None:
    assert Credential().is_anonymous
    assert not Credential(token=Secret("t")).is_anonymous
    assert not Credential(cookies={"c": Secret("v")}).is_anonymous
