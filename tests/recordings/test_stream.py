"""Tests of the entries of a HAR, one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from jumpseat.recordings import BadRecording
from jumpseat.recordings.scanning import MAX_DEPTH
from jumpseat.recordings.stream import EntryStream

MARK = b"\xef\xbb\xbf"
CREATOR = b'"creator": {"name": "WebInspector", "version": "1"}'


def har(entries: bytes, *, before: bytes = CREATOR + b",", after: bytes = b"") -> bytes:
    return b'{"log": {"version": "1.2", %b "entries": [%b]%b}}' % (before, entries, after)


def read(text: bytes, size: int = 1 << 20) -> tuple[list[bytes], str]:
    stream = EntryStream(text[at : at + size] for at in range(0, len(text), size))
    return list(stream), stream.creator


def problem(text: bytes, size: int = 1 << 20) -> BadRecording:
    with pytest.raises(BadRecording) as caught:
        read(text, size)
    return caught.value


@pytest.mark.parametrize("mark", [b"", MARK, MARK + b"\r\n\t "])
def test_entries_come_in_the_order_of_the_file(mark: bytes) -> None:
    text = mark + har(b'{"a": 1},\n\t{"b": [2]}')
    for size in (*range(1, 20), 1 << 20):
        assert read(text, size) == ([b'{"a": 1}', b'{"b": [2]}'], "WebInspector")


def test_the_exporter_is_found_behind_the_entries_too() -> None:
    assert read(har(b"{}", before=b"", after=b"," + CREATOR)) == ([b"{}"], "WebInspector")


@pytest.mark.parametrize(
    "odd", [b"3", b'{"name": 3}', b'{"name": "\xff"}', b"[" * MAX_DEPTH * 2 + b"]" * MAX_DEPTH * 2]
)
def test_an_odd_exporter_is_nobody(odd: bytes) -> None:
    assert read(har(b"{}", before=b'"creator": %b,' % odd)) == ([b"{}"], "")
    assert read(har(b"{}", before=b"")) == ([b"{}"], "")


def test_other_parts_of_the_file_are_walked_over() -> None:
    text = (
        b'{"x": {"log": {"entries": [7]}}, "log": 3, "log": {"pages": [{"entries": [8]}], "entries": [9]}, '
    )

    assert read(text + b'"more": [1]}') == ([b"9"], "")


def test_what_follows_the_log_does_not_matter() -> None:
    assert read(har(b"{}")[:-1] + b', "rest') == ([b"{}"], "WebInspector")


def test_a_broken_entry_leaves_the_others_alone() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    broken = [b'{"a": nan, b}', b'{"a": "\xff\xfe \x00"}', b'"\\ud800"', b"undefined", b"[1 2]", b"{\x00}"]

    found, _ = read(har(b", ".join([b'{"first": 1}', *broken, b'{"x": %b}' % deep, b'{"last": 1}'])))

    assert found == [b'{"first": 1}', *broken, b'{"last": 1}']


def test_bodies_are_dropped_and_short_strings_stay() -> None:
    body = json.dumps('"' * 40_000).encode()
    (entry,), _ = read(har(b'{"url": "u", "content": {"text": %b, "size": 40000}}' % body), 1000)

    assert json.loads(entry) == {"url": "u", "content": {"text": "", "size": 40000}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "it is empty"),
        (MARK + b" ", "it is empty"),
        (MARK + b"[]", "cookie export"),
        (b"onInputData(" + har(b"{}") + b")", "callback"),
        (b"<html>", "web page"),
        (b"{}", "JSON of another kind"),
        (b'{"cookies": []}', "JSON of another kind"),
        (b'{"log": [1], "entries": [1]}', "JSON of another kind"),
        (b'{"log": {"pages": [], "entries": {}}}', "JSON of another kind"),
        (b'{"log": {"entries": [}', "broken at byte 21"),
        (b"{'log'", "broken at byte 1"),
    ],
)
def test_what_is_no_har_is_told_apart(text: bytes, words: str) -> None:
    for size in (1, 1000):
        assert problem(text, size).reason == "NotAHar"
        assert words in problem(text, size).message


def test_a_cut_file_says_where_it_was_cut() -> None:
    text = MARK + har(b'{"a": "b\\\\\\"c"}, {"d": 1}')
    for end in range(len(MARK) + 1, len(text) - 1):
        assert problem(text[:end], 7).reason == "TruncatedHar"
        assert f"at byte {end}." in problem(text[:end], 7).message


def test_the_entries_before_a_cut_are_given_first() -> None:
    entries: Iterator[bytes] = iter(EntryStream([har(b'{"a": 1}, {"b": 1}, {')[:-4]]))

    assert [next(entries), next(entries)] == [b'{"a": 1}', b'{"b": 1}']
    with pytest.raises(BadRecording):
        next(entries)


def test_an_empty_recording_says_so() -> None:
    assert problem(har(b"")).reason == "EmptyHar"
    assert read(har(b"[" * 300 + b"]" * 300)) == ([], "WebInspector")


def test_what_the_chunks_raise_comes_through() -> None:
    def chunks() -> Iterator[bytes]:
        yield har(b"{}")[:-2]
        raise BadRecording("TooLarge", "enough.")

    with pytest.raises(BadRecording, match="enough"):
        list(EntryStream(chunks()))
