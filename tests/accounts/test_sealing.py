"""The encrypted file: only its key opens it, and what was changed in it is noticed."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumpseat.accounts import sealing
from jumpseat.accounts.sealing import Damaged, Header, Sealed, TooNew
from jumpseat.model.credentials import Secret

HEADER = Header(version=1, n=2**14, r=8, p=1, salt=b"s" * 16)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def nonce(number: int) -> bytes:
    return number.to_bytes(12)


@pytest.fixture
def sealed() -> Sealed:
    empty = sealing.begin(HEADER, KEY, nonce(0))
    return sealing.put(
        sealing.put(empty, "a", Secret("first"), KEY, nonce(1)), "b", Secret("second"), KEY, nonce(2)
    )


def test_what_was_put_in_comes_out(sealed: Sealed) -> None:
    again = sealing.parse(sealing.encode(sealed))

    assert again == sealed
    assert sealing.get(again, "a", KEY) == Secret("first")
    assert sealing.get(again, "b", KEY) == Secret("second")
    assert sealing.get(again, "c", KEY) is None


def test_nothing_of_a_secret_stands_in_the_file(sealed: Sealed) -> None:
    assert b"first" not in sealing.encode(sealed)


def test_the_right_key_is_told_from_a_wrong_one(sealed: Sealed) -> None:
    assert sealing.is_key(sealed, KEY)
    assert not sealing.is_key(sealed, OTHER_KEY)


def test_a_secret_is_dropped_without_the_key(sealed: Sealed) -> None:
    rest = sealing.without(sealed, "a")

    assert list(rest.secrets) == ["b"]
    assert sealing.get(rest, "b", KEY) == Secret("second")


def test_secrets_do_not_change_places(sealed: Sealed) -> None:
    swapped = msgspec.structs.replace(sealed, secrets={"a": sealed.secrets["b"]})

    with pytest.raises(Damaged):
        sealing.get(swapped, "a", KEY)


def test_the_header_is_part_of_what_is_sealed(sealed: Sealed) -> None:
    cheaper = msgspec.structs.replace(sealed, header=msgspec.structs.replace(HEADER, p=2))

    assert not sealing.is_key(cheaper, KEY)


def test_the_key_depends_on_passphrase_and_salt() -> None:
    other_salt = msgspec.structs.replace(HEADER, salt=b"t" * 16)
    keys = {
        sealing.derive(HEADER, Secret("a")),
        sealing.derive(HEADER, Secret("b")),
        sealing.derive(other_salt, Secret("a")),
    }

    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}


def test_a_key_of_any_bytes_will_do() -> None:
    binary = b"\xff\xfe\x00".decode("utf-8", "surrogateescape")

    assert sealing.derive(HEADER, Secret(binary))


def test_a_new_header_costs_an_attacker_dear() -> None:
    header = sealing.new_header(b"s" * 16)

    assert (header.n, header.r, header.p) == sealing.COST
    assert sealing.parse(sealing.encode(sealing.begin(header, KEY, nonce(0)))).header == header


@given(st.data())
def test_a_changed_byte_is_noticed(data: st.DataObject) -> None:
    whole = bytearray(sealing.encode(sealing.begin(HEADER, KEY, nonce(0))))
    whole[data.draw(st.integers(0, len(whole) - 2))] ^= data.draw(st.integers(1, 255))

    with pytest.raises((Damaged, TooNew)):
        sealing.parse(bytes(whole))


@given(st.binary(max_size=200))
def test_whatever_is_no_such_file_is_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        sealing.parse(data)


def test_a_file_cut_short_is_damaged(sealed: Sealed) -> None:
    whole = sealing.encode(sealed)
    for length in range(len(whole) - 1):
        with pytest.raises(Damaged):
            sealing.parse(whole[:length])


def forged(**changes: Any) -> bytes:
    """A file that somebody wrote with care, its sum included."""
    values = msgspec.to_builtins(sealing.begin(HEADER, KEY, nonce(0)))
    values["header"] |= changes.pop("header", {})
    body = msgspec.json.encode(values | changes)
    return body + b"\n" + hashlib.sha256(body).hexdigest().encode()


def test_the_forger_of_these_tests_writes_good_files() -> None:
    assert sealing.is_key(sealing.parse(forged()), KEY)


@pytest.mark.parametrize(
    "header",
    [
        {"n": 2**30},
        {"n": 2**21},
        {"n": 2**13},
        {"n": 2**14 + 1},
        {"n": 0},
        {"n": -(2**14)},
        {"r": 0},
        {"r": 33},
        {"n": 2**20, "r": 8},
        {"p": 0},
        {"p": 5},
        {"salt": "AAAA"},
        {"version": 0},
        {"n": "many"},
    ],
)
def test_a_header_that_asks_for_too_much_or_too_little_is_refused(header: dict[str, object]) -> None:
    with pytest.raises(Damaged):
        sealing.parse(forged(header=header))


def test_a_box_without_room_for_nonce_and_tag_is_refused() -> None:
    with pytest.raises(Damaged):
        sealing.parse(forged(secrets={"a": "AAAA"}))


def test_a_file_that_is_nested_absurdly_deep_is_damaged() -> None:
    body = b'{"header": {"version": 1}, "halo": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"

    with pytest.raises(Damaged):
        sealing.parse(body + b"\n" + hashlib.sha256(body).hexdigest().encode())


def test_a_newer_file_is_told_from_a_damaged_one() -> None:
    with pytest.raises(TooNew):
        sealing.parse(b'{"header": {"version": 2, "kdf": "argon2"}}\nwhatever\n')
