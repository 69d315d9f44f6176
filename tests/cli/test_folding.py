"""Lines are folded between words, and never inside a command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumpseat.cli.folding import folded


@pytest.mark.parametrize(
    ("line", "columns", "lines"),
    [
        ("", 10, [""]),
        ("fits", 4, ["fits"]),
        ("  one two", 9, ["  one two"]),
        ("  one two three", 9, ["  one two", "three"]),
        ("run `jumpseat accounts use a` now", 20, ["run", "`jumpseat accounts use a`", "now"]),
        ("an unbreakable-word-of-many-letters", 10, ["an", "unbreakable-word-of-many-letters"]),
        ("an odd ` stays", 8, ["an odd `", "stays"]),
    ],
)
def test_a_line_breaks_between_words(line: str, columns: int, lines: list[str]) -> None:
    assert folded(line, columns) == lines


def test_what_follows_can_be_indented() -> None:
    assert folded("one two three", 8, indent="  ") == ["one two", "  three"]


@given(st.text("ab `", max_size=60), st.integers(1, 40))
def test_nothing_is_lost_and_no_line_with_two_words_is_too_long(line: str, columns: int) -> None:
    lines = folded(line, columns)

    assert " ".join(" ".join(lines).split()) == " ".join(line.split())
    assert all(len(one) <= columns or "`" in one or " " not in one.strip() for one in lines)
