"""Which documents are read, and which are refused."""

from __future__ import annotations

import contextlib
import json
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from jumpseat.dialects import strict_json
from jumpseat.model.errors import InvalidRequest


class Body(Struct):
    name: str = ""
    numbers: list[int] = []


def refusal(body: bytes) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        strict_json.decode(body, Body)
    return caught.value


def test_a_good_body_comes_with_the_names_of_its_fields() -> None:
    value, names = strict_json.decode(b'{"name": "x", "else": {"deeper": 1}}', Body)

    assert value.name == "x"
    assert names == {"name", "else"}


def test_a_wrong_type_is_refused_with_its_path() -> None:
    error = refusal(b'{"numbers": [1, "2"]}')

    assert error.param == "numbers[1]"
    assert error.message == "numbers[1]: expected int, got str."


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"7"])
def test_a_body_that_is_no_object_is_refused_as_a_whole(body: bytes) -> None:
    assert refusal(body).param is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{} {}",
        b'{"x": NaN}',
        b'{"x": [Infinity]}',
        b'{"x": -Infinity}',
        b'{"name": "\\ud800"}',
        b'{"x": "\\ud800 and more text"}',
        b'{"x": "\\udc00 and more text"}',
        b'{"x": "\\ud800\\u0041 and more"}',
        b'{"\\ud800 as a key": 1}',
        b'{"x": "\xff"}',
        b'{"x": "\xed\xa0\x80"}',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b'{"x": "\x01"}',
        b'{"x": ' + b"1" * 5000 + b"}",
        b"{'name': 1}",
    ],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    assert refusal(body).code == "invalid_json"


@pytest.mark.parametrize("body", [b'{"name":"a","name":"b"}', b'{"x":[{"name":1,"b":2,"name":3}]}'])
def test_a_key_that_is_there_twice_is_refused(body: bytes) -> None:
    error = refusal(body)

    assert error.param == "name"
    assert error.code == "invalid_json"


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return b'{"x":' + opening * (depth - 1) + b"0" + closing * (depth - 1) + b"}"


def test_nesting_has_a_limit() -> None:
    strict_json.decode(nested(strict_json.MAX_DEPTH), Body)

    assert "nested deeper" in refusal(nested(strict_json.MAX_DEPTH + 1)).message
    assert "nested deeper" in refusal(nested(strict_json.MAX_DEPTH + 1, b'{"a":', b"}")).message
    assert refusal(b"[" * 10_000_000).code == "invalid_json"


def test_brackets_in_text_are_no_nesting() -> None:
    text = "[{" * 500 + '\\"' + '"\\' + "[[" * 100

    value, _ = strict_json.decode(json.dumps({"name": text, "numbers": [1]}).encode(), Body)

    assert value.name == text


@pytest.mark.parametrize("value", [b"{}", b"0", b'""', b'{"a":"b"}'])
def test_many_values_side_by_side_are_fine_up_to_a_limit(value: bytes) -> None:
    strict_json.decode(b'{"x":[' + b",".join([value] * 50_000) + b"]}", Body)

    assert "more than 200,000" in refusal(b'{"x":[' + b",".join([value] * 200_000) + b"]}").message


def test_text_that_looks_like_many_values_is_none() -> None:
    text = '","x":[1,2,{' * 100_000

    value, _ = strict_json.decode(json.dumps({"name": text}).encode(), Body)

    assert value.name == text


def test_texts_without_end_are_too_many_values() -> None:
    assert "more than 200,000" in refusal(b'{"x":[' + b'"",' * 1_000_000 + b'""]}').message


def test_a_key_that_is_there_twice_is_found_among_many_without_delay() -> None:
    keys = b",".join(b'"%d":0' % number for number in range(150_000))

    assert refusal(b"{" + keys + b',"name":1,"name":2}').code == "invalid_request"
    assert refusal(b"{" + keys + b',"x":1,"\\u0078":2}').param == "x"


def test_an_integer_has_a_limit_wherever_it_stands() -> None:
    strict_json.decode(b'{"x":' + b"1" * strict_json.MAX_DIGITS + b"}", Body)

    assert refusal(b'{"x":' + b"1" * 1001 + b"}").message == "A number has more than 1000 digits."


def test_a_refusal_quotes_only_a_part_of_what_is_refused() -> None:
    class Choice(Struct):
        role: Literal["user"]

    with pytest.raises(InvalidRequest) as caught:
        strict_json.decode(json.dumps({"role": " - at `$." * 100_000}).encode(), Choice)

    assert caught.value.param == "role"
    assert len(caught.value.message) < 400


def test_a_wrong_container_is_refused_by_name() -> None:
    assert refusal(b'{"numbers": {}}').message == "numbers: expected array, got object."


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
    )
)
def test_every_document_that_json_can_write_is_read(document: object) -> None:
    try:
        body = json.dumps({"anything": document}).encode()
        body.decode()
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return

    assert strict_json.decode(body, Body)[1] == {"anything"}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(InvalidRequest):
        strict_json.decode(body, Body)
