"""The register: what is known of accounts, read with care, and its small rules."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from jumpseat.accounts.register import (
    AccountRecord,
    Damaged,
    Register,
    TooNew,
    Unsettled,
    called,
    checked_name,
    encode,
    is_simulated,
    parse,
    the_one_called,
)
from jumpseat.model.credentials import Kind
from jumpseat.model.errors import InvalidRequest
from jumpseat.settings import Settings


def record(
    name: str, kind: Kind = "microsoft", *, is_used: bool = False, is_simulated: bool = False
) -> AccountRecord:
    return AccountRecord(
        kind=kind,
        name=name,
        is_used=is_used,
        keep="keyring",
        secret_id=f"id-{kind}-{name}-{is_simulated}",
        way="har",
        added_at=1.0,
        is_simulated=is_simulated,
    )


def register(*records: AccountRecord) -> Register:
    return Register(accounts=records)


def used(found: Register) -> list[str]:
    return [one.name for one in found.accounts if one.is_used]


def test_what_is_written_is_read_again() -> None:
    whole = Register(accounts=(record("a"), record("b", "github")), unsettled=(Unsettled("encrypted", "x"),))

    assert parse(encode(whole)) == whole


def test_a_person_can_read_it() -> None:
    assert b'"name": "a"' in encode(register(record("a")))


def test_fields_of_a_later_hand_are_passed_over() -> None:
    values = json.loads(encode(register(record("a"))))
    values["halo"] = 1
    values["accounts"][0]["colour"] = "red"

    assert parse(json.dumps(values).encode()) == register(record("a"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"version": 1, "accounts": [{}]}',
        b'{"version": 1, "accounts": [{"kind": "\xff"}]}',
        b'{"version": 1, "halo": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_none_is_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        parse(data)


@pytest.mark.parametrize("name", ["\x1b[2J", "a\nb", "\u202eb", "\x9b31m"])
def test_a_name_that_a_terminal_would_obey_is_damage(name: str) -> None:
    with pytest.raises(Damaged):
        parse(encode(register(record(name))))


def test_a_newer_one_is_told_from_a_damaged_one() -> None:
    with pytest.raises(TooNew):
        parse(b'{"version": 2, "accounts": {"quite": "different"}}')


def test_accounts_stand_by_kind_and_name() -> None:
    found = Register()
    for one in (record("b", "github-web"), record("B"), record("a"), record("c", "github")):
        found = found.with_account(one, instead_of=None)

    assert [one.name for one in found.accounts] == ["a", "B", "c", "b"]


def test_only_one_of_its_kind_and_world_is_used() -> None:
    found = register(
        record("a", is_used=True),
        record("b"),
        record("c", "github", is_used=True),
        record("d", is_used=True, is_simulated=True),
    )
    found = found.with_account(structs.replace(found.accounts[1], is_used=True), instead_of=found.accounts[1])

    assert used(found) == ["b", "d", "c"]


def test_a_replaced_secret_is_unsettled_and_a_kept_one_is_not() -> None:
    old = record("a")
    new = structs.replace(old, secret_id="new")
    noted = register(old).without_secret_of(None, new)

    assert noted.unsettled == (Unsettled("keyring", "new"),)
    assert noted.with_account(new, instead_of=old).unsettled == (Unsettled("keyring", old.secret_id),)
    assert noted.with_account(new, instead_of=None).unsettled == ()


def test_a_new_name_unsettles_nothing() -> None:
    old = record("a")

    assert register(old).with_account(structs.replace(old, name="b"), instead_of=old).unsettled == ()


def test_a_removed_account_leaves_its_secret_to_be_dropped() -> None:
    left = register(record("a"), record("b")).without_account(record("a"))

    assert left == Register(accounts=(record("b"),), unsettled=(Unsettled("keyring", record("a").secret_id),))


@pytest.mark.parametrize("name", ["a", "work", "anna@example.org", "a-b_c.d", "Zoë", "Хайнер", "x" * 64, "7"])
def test_names_that_are_names(name: str) -> None:
    assert checked_name(f" {name} ") == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "a/b", "x" * 65, "a\x00", "a\nb", "\x1b[31m", "a\u202eb", "a\u200bb", "a'b", "a+b"],
)
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(InvalidRequest, match="1 to 64 letters") as caught:
        checked_name(name)

    assert caught.value.param == "name"


def test_two_ways_of_writing_one_letter_are_one_name() -> None:
    assert checked_name("Zoe\u0308") == "Zo\u00eb"


def test_capitals_make_no_difference() -> None:
    assert called([record("Zoë"), record("b")], "ZOE\u0308 ", None) == [record("Zoë")]


def test_a_name_may_be_one_of_each_kind() -> None:
    records = [record("a"), record("a", "github")]

    assert the_one_called(records, "A", "github") == records[1]
    with pytest.raises(InvalidRequest, match="say --service microsoft or --service github"):
        the_one_called(records, "a", None)


def test_a_name_that_nobody_has() -> None:
    with pytest.raises(InvalidRequest, match="no account 'b': `jumpseat accounts`"):
        the_one_called([record("a")], "b", None)
    with pytest.raises(InvalidRequest, match="no account 'a' of github: "):
        the_one_called([record("a")], "a", "github")


def test_which_world_a_kind_is_in_follows_its_own_address() -> None:
    local = "http://127.0.0.1:8400"

    assert not any(is_simulated(Settings(), kind) for kind in ("microsoft", "github", "github-web"))
    assert is_simulated(Settings(microsoft_url=local), "microsoft")
    assert not is_simulated(Settings(microsoft_url=local), "github")
    assert is_simulated(Settings(github_api_url="http://localhost:1"), "github")
    assert is_simulated(Settings(github_url="http://[::1]:1"), "github-web")
    assert not is_simulated(Settings(github_chat_url=local), "github-web")
