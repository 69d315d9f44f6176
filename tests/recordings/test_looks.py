"""What files look like that are no recordings."""

from __future__ import annotations

import pytest

from jumpseat.recordings.looks import BYTES_NEEDED, look


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b'\n [{"name": 1}]', "cookie export"),
        (b'{"cookies": []}', "JSON of another kind"),
        (b"<!DOCTYPE html>", "web page"),
        (b'onInputData({"log":', "callback"),
        (b"$.har (", "callback"),
        (b"# Netscape HTTP Cookie File\n", "cookies.txt"),
        (b"# HTTP Cookie File\n", "cookies.txt"),
        ('{"log"'.encode("utf-16"), "UTF-16"),
        ('{"log"'.encode("utf-16-be"), "UTF-16"),
        (b"-12", "JSON of another kind"),
        (b'"text"', "JSON of another kind"),
        (b"hello (world)", "callback"),
        (b"hello, world", "text, but no JSON"),
        ("Привет, мир".encode(), "text, but no JSON"),
        (b"\x89PNG\r\n\x1a\n\x05", "no text"),
    ],
)
def test_a_file_is_told_by_its_beginning(head: bytes, words: str) -> None:
    assert words in look(head)


def test_only_the_beginning_counts() -> None:
    assert "text, but no JSON" in look(b"x" * BYTES_NEEDED + b"\x01")
