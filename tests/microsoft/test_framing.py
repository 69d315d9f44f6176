"""Where objects end in the text frames of the classic socket."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumpseat.microsoft import framing
from jumpseat.microsoft.framing import Framing

FIXTURES = Path(__file__).parents[1] / "fixtures" / "classic"


def names(frames: Sequence[str], into: Framing | None = None) -> list[object]:
    return [one.event for one in (into or Framing()).receive(frames)]


def test_the_usual_frame_is_one_object() -> None:
    [one] = Framing().receive(['{"event":"appendText","messageId":"m","partId":"p","text":"hi","id":"3"}'])

    assert (one.event, one.message_id, one.part_id, one.text, one.id) == ("appendText", "m", "p", "hi", "3")


@pytest.mark.parametrize("between", ["", " ", "\n  ", "\r\n", "\x1e", "\x1e\x1e \n", "]", "}"])
def test_objects_are_glued_by_anything_or_nothing(between: str) -> None:
    frame = between.join(['{"event":"a"}', '{"event":"b"}', '{"event":"c"}'])

    assert names([between + frame + between]) == ["a", "b", "c"]


def test_a_frame_may_end_in_the_middle_of_an_object() -> None:
    split = Framing()

    assert names(['{"event":"a"}{"eve'], split) == ["a"]
    assert names(['nt":"b"}{"event":"c"}'], split) == ["b", "c"]
    assert names(['{"event":"d"}'], split) == ["d"]


def test_brackets_and_quotes_in_a_string_are_text() -> None:
    text = r"}]{[\"\\"
    frame = f'{{"event":"a","text":"{text}"}}{{"event":"b"}}'
    split = Framing()
    found = [one for letter in frame for one in split.receive([letter])]

    assert [one.event for one in found] == ["a", "b"]
    assert found[0].text == '}]{["\\'


@pytest.mark.parametrize(
    "frame",
    [
        '{"a":1}',
        "[1,2]",
        '"text"',
        '{"event":5}',
        '{"event":null}',
        "{oops}",
        '{"event":"a"]',
        "[" * 9_999 + "]" * 9_999,
    ],
)
def test_what_is_no_event_is_counted_and_passed_over(frame: str) -> None:
    split = Framing()

    assert names([frame + '{"event":"b"}'], split) == ["b"]
    assert split.skipped == 1


@pytest.mark.parametrize("frame", ["", " ", "null", "12", "<<garbage", "\x1e"])
def test_what_is_no_value_at_all_says_nothing(frame: str) -> None:
    assert names([frame, '{"event":"a"}']) == ["a"]


def test_an_object_without_event_alone_in_its_frame_is_counted() -> None:
    split = Framing()

    assert names(['{"id":"5"}'], split) == []
    assert split.skipped == 1


def test_half_of_a_surrogate_pair_costs_one_letter() -> None:
    [escaped, raw] = Framing().receive([r'{"event":"a","text":"x\ud83d"}', '{"event":"a","text":"x\ud83d"}'])

    assert (escaped.text, raw.text) == ("x\ufffd", "x\ufffd")


def test_an_object_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_OBJECT_CHARS", 100)
    split = Framing()
    split.receive(['{"event":"' + "x" * 80])
    was_overflowing = split.is_overflowing

    split.receive(["x" * 80])
    assert (was_overflowing, split.is_overflowing) == (False, True)
    assert names(['"}{"event":"a"}'], split) == []


def test_the_trace_holds_names_and_lengths_and_no_words() -> None:
    split = Framing()
    split.receive(['{"event":"a","text":"secret"}'] * 20 + ['{"event":"b"}{"event":"c"}'])

    assert len(split.trace) == framing.TRACE_FRAMES
    assert list(split.trace)[-3:] == [("a", 29), ("b", 13), ("c", 13)]


def test_an_endless_name_does_not_fill_the_trace() -> None:
    split = Framing()
    split.receive(['{"event":"' + "x" * 1000 + '"}', '{"event":"' + "y" * 1000 + '"} '])

    assert [name for name, _ in split.trace] == ["x" * framing.MAX_NAME_CHARS, "y" * framing.MAX_NAME_CHARS]


def test_the_recorded_oddities_are_read() -> None:
    raw = msgspec.json.decode((FIXTURES / "classic-raw-payloads.json").read_bytes(), type=list[str])

    assert [names([frame]) for frame in raw] == [
        ["connected", "connected"],
        ["connected", "appendText"],
        ["appendText", "appendText"],
        [],
        [],
        [],
        ["error"],
        ["error"],
    ]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
objects = st.builds(lambda name, more: {**more, "event": name}, st.text(), st.dictionaries(st.text(), values))


@given(
    frames=st.lists(objects | values.filter(lambda value: not isinstance(value, int)), max_size=5),
    glue=st.sampled_from(("", " ", "\x1e", "\n")),
    data=st.data(),
)
def test_any_values_cut_anywhere_give_the_same_events(
    frames: list[object], glue: str, data: st.DataObject
) -> None:
    text = glue.join(msgspec.json.encode(frame).decode() for frame in frames)
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    pieces = [text[start:end] for start, end in pairwise((0, *sorted(places), len(text)))]
    wanted = [
        frame["event"] for frame in frames if isinstance(frame, dict) and isinstance(frame.get("event"), str)
    ]

    assert names(pieces) == wanted
    assert names([text]) == wanted
