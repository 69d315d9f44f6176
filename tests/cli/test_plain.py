"""What a terminal is shown of text that comes from elsewhere."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumpseat.cli.plain import Harmless, harmless, one_line, visible_json

NASTY = (
    "\x1b[]P^_X\\;0m\x07\x08\x18\x1a\r\n\t \x7f\x80\x90\x98\x9b\x9c\x9d\x9e\x9f\u202e\u2066\ud800aZé~(B/?@"
)
TEXTS = st.one_of(st.text(), st.text(alphabet=NASTY, max_size=60))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with tab\tand line\nend, Привет 🙂", "plain, with tab\tand line\nend, Привет 🙂"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[?1049h\x1b[2J\x1b[Hgone", "gone"),
        ("\x9b31mred", "red"),
        ("\x1b]0;a new window title\x07text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\a link\x1b]8;;\x1b\\", "a link"),
        ("\x1b]52;c;ZXZpbA==\x9ctext", "text"),
        ("\x9d0;title\x07text", "text"),
        ("\x1bP$q\x1b\\text", "text"),
        ("\x1b_apc\x18text", "text"),
        ("\x1b^pm\x1b[1mtext", "text"),
        ("\x1b(Btext", "text"),
        ("\x1b(\ntext", "\ntext"),
        ("\x1bctext", "text"),
        ("\x1b[3\ntext", "\ntext"),
        ("\x1b]0;never ended\nthe next line", "\nthe next line"),
        ("bell\x07 back\x08 null\x00 delete\x7f", "bell back null delete"),
        ("over\rwritten\r\n", "overwritten\n"),
        ("\u202eright to left\u202c \u2066isolate\u2069", "right to left isolate"),
        ("marks \u200e\u200f stay", "marks \u200e\u200f stay"),
        ("half a \ud83d pair", "half a \ufffd pair"),
        ("\x1b", ""),
    ],
)
def test_what_a_terminal_would_obey_is_left_out(text: str, shown: str) -> None:
    assert harmless(text) == shown


@given(TEXTS, st.lists(st.integers(0, 60)))
def test_every_cut_gives_the_same_text(text: str, cuts: list[int]) -> None:
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    stream = Harmless()

    pieces = [stream.feed(text[start:end]) for start, end in itertools.pairwise(edges)]

    assert "".join(pieces) == harmless(text)


@given(TEXTS)
def test_nothing_unsafe_comes_through_and_the_rest_is_left_alone(text: str) -> None:
    shown = harmless(text)

    assert not any(
        (char < " " and char not in "\n\t") or "\x7f" <= char <= "\x9f" or char in "\u202e\u2066"
        for char in shown
    )
    assert harmless(shown) == shown
    shown.encode()


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Z", "M"])))
def test_text_without_controls_is_unchanged(text: str) -> None:
    assert harmless(text) == text


def test_a_title_becomes_one_line_of_the_width_asked_for() -> None:
    assert one_line("a\n title\x1b[31m\tin\r\nred") == "a title in red"
    assert one_line("a long title", 7) == "a long…"
    assert one_line("short", 7) == "short"


def test_json_keeps_its_meaning_and_loses_its_teeth() -> None:
    text = json.dumps("C1 \x9b, bidi \u202e, DEL \x7f", ensure_ascii=False)

    shown = visible_json(text)

    assert json.loads(shown) == json.loads(text)
    assert harmless(shown) == shown
