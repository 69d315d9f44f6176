"""Credentials as text: nothing is lost, nothing unknown harms, and nothing is told by an error."""

from __future__ import annotations

import json
import traceback

import pytest

from jumpseat.accounts.codec import decode, encode
from jumpseat.model.credentials import Credential, Secret
from tests.accounts.vaulting import credential_of


@pytest.mark.parametrize("credential", [Credential(), credential_of("me")])
def test_what_is_encoded_comes_back_whole(credential: Credential) -> None:
    assert decode(encode(credential)) == credential


def test_every_field_is_tried_by_these_tests() -> None:
    full, empty = credential_of("me"), Credential()

    assert all(getattr(full, name) != getattr(empty, name) for name in full.__struct_fields__)
    assert full.socket is not None
    assert all(getattr(full.socket, name) for name in full.socket.__struct_fields__)


def test_the_text_is_ascii_whatever_the_secrets_are() -> None:
    odd = Credential(token=Secret("ü€😀\x00\n"), cookies={"ключ": Secret("значение")})

    assert encode(odd).reveal().isascii()
    assert decode(encode(odd)) == odd


def test_fields_of_a_later_version_are_passed_over() -> None:
    text = json.dumps({"token": "t", "halo": {"deep": [1]}, "socket": {"host": "h", "colour": "red"}})

    assert decode(Secret(text)).token == Secret("t")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"token": 7}',
        '{"cookies": {"a": null}}',
        '{"generation": "CANARY"}',
        '{"socket": "CANARY"}',
        '{"token": "CANARY" "x"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_credential_is_refused_without_a_word_of_it(text: str) -> None:
    with pytest.raises(ValueError, match="no credential") as caught:
        decode(Secret(text))

    assert "CANARY" not in "".join(traceback.format_exception(caught.value))


def test_only_secrets_and_mappings_are_turned_into_text_specially() -> None:
    strange = Credential(token=object())  # type: ignore[arg-type]

    with pytest.raises(NotImplementedError, match="object"):
        encode(strange)
