"""Event streams, read whole and in pieces, and written."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumpseat.model.errors import UpstreamBroke
from jumpseat.sse import SseEvent, SseReader, comment, encode_event

LIMIT = 64


def read(*pieces: bytes, limit: int = LIMIT) -> tuple[list[SseEvent], bool]:
    """All events of `pieces` and whether the stream broke, asked for in the way a caller asks."""
    reader = SseReader(max_event_bytes=limit)
    events: list[SseEvent] = []
    try:
        for piece in pieces:
            events += reader.feed(piece)
        events += reader.close()
    except UpstreamBroke:
        return events, True
    return events, False


def one_by_one(stream: bytes) -> list[bytes]:
    return [stream[at : at + 1] for at in range(len(stream))]


def data_of(*pieces: bytes) -> list[bytes]:
    events, broke = read(*pieces)
    assert not broke
    return [event.data for event in events]


def test_the_usual_events_come_out_as_their_bytes() -> None:
    assert data_of(b'data: {"a":1}\n\ndata: {"b":2}\n\n') == [b'{"a":1}', b'{"b":2}']


def test_an_event_is_given_as_soon_as_its_blank_line_is_there() -> None:
    reader = SseReader()

    assert reader.feed(b"data: a\n") == []
    assert reader.feed(b"\n") == [SseEvent(b"a")]
    assert reader.close() == []


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_every_line_end_of_the_standard_ends_a_line(end: bytes) -> None:
    stream = end.join((b"data: a", b"data: b", b"", b"data: c", b"", b""))

    assert data_of(stream) == data_of(*one_by_one(stream)) == [b"a\nb", b"c"]


def test_a_cr_alone_ends_its_event_at_once() -> None:
    reader = SseReader()

    assert reader.feed(b"data: a\r\r") == [SseEvent(b"a")]
    assert reader.feed(b"") == []
    assert reader.feed(b"\ndata: b\r\r") == [SseEvent(b"b")]


def test_a_crlf_cut_in_two_is_one_line_end() -> None:
    assert data_of(b"data: a\r", b"\ndata: b\r", b"\n", b"\r", b"\n") == [b"a\nb"]


def test_other_line_ends_of_unicode_are_text() -> None:
    text = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg".encode()

    assert data_of(b"data: " + text + b"\n\n") == [text]


def test_a_space_after_the_colon_is_optional_and_only_one_is_taken() -> None:
    assert data_of(b"data:a\n\n", b"data:  b\n\n") == [b"a", b" b"]


def test_data_without_a_value_is_an_event_with_nothing_in_it() -> None:
    assert data_of(b"data\n\n", b"data:\n\n", b"data: \ndata\n\n") == [b"", b"", b"\n"]


def test_comments_unknown_fields_and_blank_lines_are_no_events() -> None:
    assert data_of(
        b"\n\n: ping\n\nretry: 5\nconfetti: x\ndatabase: y\nnothing\n\ndata: a\n: in between\n\n"
    ) == [b"a"]


def test_the_name_belongs_to_its_event_and_the_id_stays() -> None:
    events, _ = read(b"event: ping\nid: 7\ndata: a\n\ndata: b\n\nid:8\0\nevent:\xff\ndata: c\n\n")

    assert events == [SseEvent(b"a", "ping", "7"), SseEvent(b"b", "", "7"), SseEvent(b"c", "\ufffd", "7")]


def test_a_name_without_data_is_no_event_and_names_no_later_one() -> None:
    assert read(b"event: ping\n\ndata: a\n\n") == ([SseEvent(b"a")], False)


def test_a_missing_last_blank_line_loses_nothing() -> None:
    assert data_of(b"data: a\n\ndata: b") == [b"a", b"b"]
    assert data_of(b"data: a\n") == [b"a"]


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_a_byte_order_mark_at_the_start_is_passed_over(cut: int) -> None:
    stream = b"\xef\xbb\xbfdata: a\n\n"

    assert data_of(stream[:cut], stream[cut:]) == [b"a"]


def test_a_byte_order_mark_anywhere_else_is_part_of_its_line() -> None:
    assert data_of(b"data: a\n\n\xef\xbb\xbfdata: b\n\n", b"data: c\n\n") == [b"a", b"c"]


def test_a_stream_of_almost_a_byte_order_mark_is_empty() -> None:
    assert data_of(b"\xef\xbb") == []


@pytest.mark.parametrize(
    "long",
    [
        pytest.param(b"data: " + b"x" * LIMIT + b"\n\n", id="one line"),
        pytest.param(b"data: x\n" * LIMIT + b"\n", id="many lines"),
        pytest.param(b"data\n" * LIMIT + b"\n", id="many empty lines"),
        pytest.param(b": " + b"x" * LIMIT + b"\n\n", id="a comment"),
        pytest.param(b"data: " + b"x" * LIMIT, id="a line without end"),
    ],
)
def test_what_is_too_long_breaks_the_stream_after_the_events_before_it(long: bytes) -> None:
    stream = b"data: a\n\n" + long + b"data: never\n\n"

    assert read(stream) == read(*one_by_one(stream)) == ([SseEvent(b"a")], True)


def test_a_broken_stream_stays_broken_and_says_what_to_do() -> None:
    reader = SseReader(max_event_bytes=8)

    for _ in range(2):
        with pytest.raises(UpstreamBroke, match=r"longer than 8 bytes.*Ask again") as caught:
            reader.feed(b"data: too long\n\n")
        assert caught.value.may_be_delivered
        assert caught.value.code == "event_too_long"
    with pytest.raises(UpstreamBroke):
        reader.close()


def test_a_stream_of_any_length_is_fine_while_its_events_are_short() -> None:
    reader = SseReader(max_event_bytes=LIMIT)

    assert sum(len(reader.feed(b": ping\ndata: 12345678\n\n" * 20)) for _ in range(20)) == 400


def test_an_event_of_a_megabyte_passes_in_small_pieces() -> None:
    text = "я".encode() * 500_000
    stream = b"data: " + text + b"\n\n"
    reader = SseReader()

    events = [e for at in range(0, len(stream), 1001) for e in reader.feed(stream[at : at + 1001])]

    assert events == [SseEvent(text)]


LINES = st.sampled_from(
    [
        *(b"data: a", "data:я€😀".encode(), b"data", b"data:  b", b"data: \xd1"),
        *(b"data: " + b"l" * 40, b"data: " + b"l" * 60),
        *(b"event: x", b"id: 1", b"retry: 1", b": c", b"zz", b"\xef\xbb\xbf", b"", b""),
    ]
)
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])


@given(st.lists(st.tuples(LINES, ENDS)), LINES, st.lists(st.integers(min_value=0)))
def test_where_the_bytes_are_cut_changes_nothing(
    lines: list[tuple[bytes, bytes]], last: bytes, cuts: list[int]
) -> None:
    stream = b"".join(line + end for line, end in lines) + last
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    pieces = [stream[a:b] for a, b in itertools.pairwise(places)]

    assert read(*pieces) == read(stream) == read(*one_by_one(stream))


@given(st.lists(st.tuples(st.binary(), st.none() | st.sampled_from(["message", "пинг"]))))
def test_what_is_encoded_is_read_back_with_line_feeds_for_line_ends(
    events: list[tuple[bytes, str | None]],
) -> None:
    stream = b"".join(comment("still here") + encode_event(data, name) for data, name in events)

    assert read(stream, limit=10_000) == (
        [SseEvent(d.replace(b"\r\n", b"\n").replace(b"\r", b"\n"), n or "") for d, n in events],
        False,
    )


def test_the_encoded_bytes_are_the_plain_ones() -> None:
    assert encode_event(b'{"a":1}') == b'data: {"a":1}\n\n'
    assert encode_event(b"{}", "ping") == b"event: ping\ndata: {}\n\n"
    assert comment() == b": \n\n"
