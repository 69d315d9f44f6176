"""JSON whose form is known only in part."""

from __future__ import annotations

import pytest

from jumpseat.github.reading import object_in, rows_in, said_in, tidy


@pytest.mark.parametrize("data", [b"", b"[1]", b"{", b"nonsense", b'{"a":"\xff"}', b"[" * 100_000, b'"text"'])
def test_what_is_no_object_is_an_empty_one(data: bytes) -> None:
    assert object_in(data) == {}


def test_an_object_is_read() -> None:
    assert object_in(b'{"a": [1]}') == {"a": [1]}


def test_only_the_objects_of_a_list_are_rows() -> None:
    assert rows_in([{"a": 1}, 5, None, {}]) == [{"a": 1}, {}]
    assert rows_in({"a": 1}) == rows_in(None) == []


def test_what_is_said_fits_one_line_and_moves_no_cursor() -> None:
    assert tidy("\x1b[31mno\r\n  way\u202e" + "x" * 1000) == "[31mno way" + "x" * 290


def test_the_sentence_is_found_under_its_usual_names() -> None:
    assert (
        said_in("plain")
        == said_in({"message": "plain"})
        == said_in({"error": {"message": "plain"}})
        == "plain"
    )
    assert said_in({"message": "second", "description": "first"}) == "first"
    assert said_in({"message": 5}) == said_in([]) == said_in({}) == ""
