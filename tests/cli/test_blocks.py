"""A streamed Markdown text comes apart into blocks that nothing later changes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumpseat.cli.blocks import Blocks, parser

WORDS = ("a word ", "\n", "\n\n", "    indented\n", "---\n", "===\n", "<b>\n", "\u2028", "\t", " ")
OPENINGS = ("- item\n", "  - nested\n", "1. one\n", "```python\n", "```\n", "# head\n", "> quoted\n")
PIECES = st.sampled_from([*WORDS, *OPENINGS, "| a | b |\n", "|---|---|\n"])


def cut(text: str, cuts: list[int]) -> tuple[list[str], str]:
    """Feed `text` in pieces; the blocks that came, and the rest."""
    edges = sorted({0, len(text), *(place for place in cuts if place < len(text))})
    blocks = Blocks()
    done = [block for start, end in itertools.pairwise(edges) for block in blocks.feed(text[start:end])]
    return done, blocks.end()


def kinds(text: str) -> list[str]:
    return [token.type for token in parser().parse(text) if token.level == 0 and token.nesting >= 0]


def test_a_block_is_given_when_the_next_one_has_begun() -> None:
    blocks = Blocks()

    assert blocks.feed("one\n\n") == []
    assert blocks.feed("tw") == []
    assert blocks.feed("o\n") == ["one\n\n"]
    assert blocks.open == "two\n"
    assert blocks.end() == "two\n"
    assert blocks.open == ""


@pytest.mark.parametrize(
    "whole", ["- one\n\n- two\n\n- three\n", "```\na\n\nb\n```\n", "| a |\n|---|\n| 1 |\n"]
)
def test_a_list_a_code_block_and_a_table_stay_in_one_piece(whole: str) -> None:
    done, rest = cut(whole + "\nafter\n\n", list(range(80)))

    assert done == [whole + "\n"]
    assert rest == "after\n\n"


@given(st.lists(PIECES, max_size=20).map("".join), st.lists(st.integers(0, 100)))
def test_the_blocks_joined_are_the_text_and_mean_the_same_however_it_is_cut(
    text: str, cuts: list[int]
) -> None:
    done, rest = cut(text, cuts)

    assert "".join([*done, rest]) == text
    assert [kind for block in [*done, rest] for kind in kinds(block)] == kinds(text)
