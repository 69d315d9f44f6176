"""Tests of walking over JSON in chunks."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterable, Iterator

import pytest

from jumpseat.recordings import BadRecording, scanning
from jumpseat.recordings.scanning import (
    MAX_DEPTH,
    MAX_KEPT_BYTES,
    MAX_STRING_BYTES,
    MAX_VALUE_BYTES,
    SHORT_STRING_BYTES,
    Scanner,
)


def chunks(text: bytes, size: int) -> Iterator[bytes]:
    return (text[at : at + size] for at in range(0, len(text), size))


def value(text: bytes, size: int = 1 << 20) -> bytes | None:
    return Scanner(chunks(text + b" ", size)).value()


def members(scanner: Scanner) -> list[tuple[str, bytes | None]]:
    return [(key, scanner.value()) for key in scanner.members()]


def reason(source: Iterable[bytes]) -> str:
    with pytest.raises(BadRecording) as caught:
        members(Scanner(source))
    return f"{caught.value.reason} {caught.value.message}"


VALUES = [
    b'{"a": [1, {"b": "}]\\""}], "c": {"d": "\\\\"}, "e": "\\\\\\"{"}',
    b'"text \\" with \\\\ escapes"',
    b"-1.5e+3",
    b"null",
    b"[]",
    b'[{}, [{"x": {}}], "]"]',
    '{"name": "Ж\u2028"}'.encode(),
    b'{"odd": nan, broken \xff "\x00"}',
]


@pytest.mark.parametrize("text", VALUES)
def test_a_value_is_found_whole_wherever_the_chunks_end(text: bytes) -> None:
    for size in range(1, len(text) + 2):
        assert value(text, size) == text


def test_nothing_behind_a_value_is_taken() -> None:
    scanner = Scanner([b' {"a": {}} , [1]12 "x"'])

    assert scanner.value() == b'{"a": {}}'
    assert scanner.skip(b",")
    assert not scanner.skip(b",")
    assert [scanner.value(), scanner.value(), scanner.value()] == [b"[1]", b"12", b'"x"']


def test_a_long_string_becomes_an_empty_one() -> None:
    longest = b'"' + b"x" * (MAX_STRING_BYTES - 2) + b'"'
    longer = longest[:-1] + b'\\""'
    for size in (1 << 20, 1000, 70_000):
        assert value(longest, size) == longest
        assert value(b'{"a": [%b], "b": %b}' % (longest, longer), size) == b'{"a": [%b], "b": ""}' % longest
        assert value(longer, size) == b'""'


def test_many_short_strings_are_all_kept() -> None:
    for text in (json.dumps(["word"] * 5000).encode(), b"[" + b"{}," * 5000 + b"{}]"):
        assert value(text) == text


def test_a_value_with_much_in_it_keeps_its_short_strings_only() -> None:
    middle = b'"' + b"x" * (MAX_STRING_BYTES // 2) + b'"'
    count = MAX_KEPT_BYTES // len(middle)
    short = b'"' + b"y" * (SHORT_STRING_BYTES - 2) + b'"'
    found = value(b"[" + (middle + b",") * (count + 100) + short + b"]")

    assert found is not None
    items = json.loads(found)
    assert items[-1] == "y" * (SHORT_STRING_BYTES - 2)
    assert items[0] == json.loads(middle)
    assert items[-2] == ""
    assert len(items) == count + 101


def test_a_value_that_stays_too_long_or_is_too_deep_is_passed_over() -> None:
    digits = b"[" + b"1," * (MAX_VALUE_BYTES // 2) + b"1]"
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert value(digits) is None
    assert value(b"1" * (MAX_VALUE_BYTES + 1)) is None
    assert value(deepest) == deepest
    assert value(b"[%b]" % deepest) is None
    assert value(b"[" * 100_000 + b"]" * 100_000) is None


def test_a_huge_string_is_not_held() -> None:
    block = b"x" * (1 << 20)
    source = (block for _ in range(1100))

    def text() -> Iterator[bytes]:
        yield b'{"a": "'
        yield from source
        yield b'"}'

    tracemalloc.start()
    try:
        assert Scanner(text()).value() == b'{"a": ""}'
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * len(block)


def test_the_keys_of_an_object_are_read_with_their_escapes() -> None:
    scanner = Scanner([b'{"a" : 1, "\\u006cog": [2], "\\x": 3, "\xff": 4}'])

    assert members(scanner) == [("a", b"1"), ("log", b"[2]"), ("", b"3"), ("", b"4")]
    assert list(Scanner([b" { } "]).members()) == []


def test_odd_commas_between_elements_are_borne() -> None:
    scanner = Scanner([b'[ ,1,, {"a":1} {"b":2},] '])

    assert list(scanner.elements()) == [b"1", b'{"a":1}', b'{"b":2}']


@pytest.mark.parametrize(
    ("text", "at"), [(b"{1: 2}", 1), (b'{"a" 2}', 5), (b'{"a": 2 "b"', 8), (b'{"a": }', 6), (b'{"a":1,}', 7)]
)
def test_broken_json_is_told_with_its_place(text: bytes, at: int) -> None:
    assert reason([text]).startswith("NotAHar")
    assert f"at byte {at}." in reason(chunks(text, 1))


@pytest.mark.parametrize("text", [b'{"a": "b\\\\c", "d": [1, {"e": 23}]}', b'{"f\\"": nul}', b"{}"])
def test_a_cut_is_told_with_its_place(text: bytes) -> None:
    for end in range(len(text)):
        assert reason(chunks(text[:end], 3)).startswith("TruncatedHar")
        assert f"cut at byte {end}." in reason(chunks(text[:end], 3))


def test_a_place_counts_what_came_before() -> None:
    assert Scanner([b"  {"], at=3).peek() == b"{"
    scanner = Scanner([b"  {"], at=3)
    scanner.peek()
    assert scanner.position == 5


@pytest.mark.parametrize("text", [b"[1,2,3,4]", b"[,,,,,,]", b'{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}'])
def test_no_more_values_are_walked_over_than_any_recording_has(
    monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    def walk() -> None:
        scanner = Scanner([text])
        if scanner.peek() == b"[":
            list(scanner.elements())
        else:
            members(scanner)

    walk()
    monkeypatch.setattr(scanning, "MAX_VALUES", 5)
    with pytest.raises(BadRecording, match="more nested, values than any browser writes") as caught:
        walk()
    assert caught.value.reason == "TooLarge"


def test_no_more_brackets_are_walked_over_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "MAX_BRACKETS", 500)
    # Objects without objects in them cost nothing.
    assert value(b"[" + b"{}," * 5000 + b"{}]")
    for text in (b"[" * 501, b'{"a":[]}' * 501, b"[" + b"[{}]," * 501):
        with pytest.raises(BadRecording) as caught:
            list(Scanner([b"[" + text]).elements())
        assert caught.value.reason == "TooLarge"
