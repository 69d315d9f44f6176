"""Where an answer is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumpseat.dialects.openai_chat.cutting import Cutter, estimate_tokens
from jumpseat.model.messages import Sampling


def cut(sampling: Sampling, *pieces: str) -> tuple[str, str | None]:
    cutter = Cutter(sampling)
    said = "".join([*map(cutter.feed, pieces), cutter.finish()])
    return said, cutter.reason


def test_without_limits_everything_is_said_at_once() -> None:
    cutter = Cutter(Sampling())

    assert cutter.feed("some text") == "some text"
    assert cutter.finish() == ""
    assert cutter.reason is None


def test_a_stop_sequence_in_pieces_is_never_said() -> None:
    cutter = Cutter(Sampling(stop=("END",)))

    assert [cutter.feed(piece) for piece in ("a E", "N", "D b")] == ["a ", "", ""]
    assert cutter.reason == "stop"
    assert cutter.feed("more") == ""
    assert cutter.finish() == ""


def test_what_only_looked_like_a_stop_sequence_is_said_after_all() -> None:
    assert cut(Sampling(stop=("END",)), "EN", "TER E", "N") == ("ENTER EN", None)


def test_the_sequence_that_is_complete_first_counts() -> None:
    sampling = Sampling(stop=("abc", "b"))

    assert cut(sampling, "xabc") == ("xa", "stop")
    assert cut(sampling, "x", "a", "b", "c") == ("xa", "stop")


@pytest.mark.parametrize(
    ("text", "said", "reason"),
    [
        ("12345678", "12345678", None),
        ("123456789", "12345678", "length"),
        ("приветы", "прив", "length"),
        ("1234567é", "1234567", "length"),
        ("漢字漢字", "漢字", "length"),
    ],
)
def test_length_is_counted_in_bytes_and_never_cuts_a_sign(text: str, said: str, reason: str | None) -> None:
    assert cut(Sampling(max_tokens=2), text) == (said, reason)
    assert cut(Sampling(max_tokens=2), *text) == (said, reason)


def test_what_was_held_back_counts_too() -> None:
    assert cut(Sampling(max_tokens=1, stop=("zzz",)), "abcz", "z") == ("abcz", "length")


def test_what_the_upstream_took_back_is_forgotten() -> None:
    cutter = Cutter(Sampling(stop=("END",)))
    cutter.feed("EN")
    cutter.take_back()

    assert cutter.feed("D") == "D"


def test_tokens_are_estimated_by_bytes() -> None:
    assert [estimate_tokens(text) for text in ("", "a", "abcd", "abcde", "да")] == [0, 1, 1, 2, 1]


words = st.text("abcд", max_size=30)


@given(
    text=words,
    stops=st.lists(st.text("abcд", min_size=1, max_size=4), max_size=4),
    limit=st.none() | st.integers(1, 6),
    data=st.data(),
)
def test_the_cut_does_not_depend_on_the_pieces(
    text: str, stops: list[str], limit: int | None, data: st.DataObject
) -> None:
    sampling = Sampling(stop=tuple(stops), max_tokens=limit)
    pieces, rest = [], text
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        pieces.append(rest[:size])
        rest = rest[size:]

    said, reason = cut(sampling, *pieces)

    assert (said, reason) == cut(sampling, text)
    assert text.startswith(said)
    assert not any(stop in said for stop in stops)
    assert limit is None or estimate_tokens(said) <= limit
    assert reason is not None or said == text
