"""Tests of what is remembered of accounts."""

from __future__ import annotations

import pytest

from jumpseat.microsoft import sessions
from jumpseat.microsoft.sessions import Sessions
from jumpseat.model.credentials import Account, Credential, Secret


def of(name: str = "a", token: str | None = None, **cookies: str) -> Account:
    credential = Credential(
        token=Secret(token) if token else None, cookies={key: Secret(value) for key, value in cookies.items()}
    )
    return Account(kind="microsoft", name=name, credential=credential)


def test_the_same_credential_is_the_same_session() -> None:
    table = Sessions()

    assert table.of(of(token="t", a="1", b="2")) is table.of(of(token="t", b="2", a="1"))


def test_another_credential_is_another_session_with_its_own_identifier_and_cookies() -> None:
    table = Sessions()
    accounts = [of(), of("b"), of(token="t"), of(token="u"), of(a="1"), of(a="2"), of(a="12"), of(a1="2")]
    found = [table.of(account) for account in accounts]
    found[4].renew({"a": "new"})

    assert len({session.client_session_id for session in found}) == len(accounts)
    assert found[4].cookies == {"a": Secret("new")}
    assert found[5].cookies == {"a": Secret("2")}


def test_the_account_used_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MAX_SESSIONS", 2)
    table = Sessions()
    first, second = table.of(of("1")), table.of(of("2"))
    assert table.of(of("1")) is first
    table.of(of("3"))

    assert table.of(of("1")) is first
    assert table.of(of("2")) is not second


def test_a_token_with_a_lone_surrogate_is_no_trouble() -> None:
    Sessions().of(of(token="\ud800"))
