"""What one answer gathers: parts of text, pictures, suggestions."""

from __future__ import annotations

import base64

import pytest

from jumpseat.microsoft import parts
from jumpseat.microsoft.frames import Incoming
from jumpseat.microsoft.parts import Pictures, Suggestions, TextParts, decode_preview, web_address

BASE = "https://copilot.microsoft.com"


def test_text_that_stands_in_front_of_other_text_is_told() -> None:
    text = TextParts()

    assert text.newest() is None
    assert text.append("a", "1")
    assert text.append("b", "2")
    assert not text.append("a", "1")
    assert text.append("b", "2")
    assert text.whole == "1122"
    assert text.newest() == ["2", "2"]


def test_a_replaced_part_keeps_its_place() -> None:
    text = TextParts()
    text.replace("a", "one ")
    text.append("b", "two")
    text.replace("a", "1 ")

    assert text.whole == "1 two"
    assert text.newest() == ["two"]


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("/th/id/1.png", "https://copilot.microsoft.com/th/id/1.png"),
        ("https://example.invalid/1.png", "https://example.invalid/1.png"),
        ("http://127.0.0.1:8400/1.png", "http://127.0.0.1:8400/1.png"),
        ("//example.invalid/1.png", "https://example.invalid/1.png"),
        ("javascript:alert(1)", None),
        ("data:image/png;base64,AAAA", None),
        ("https://[", None),
        ("  ", None),
        (None, None),
    ],
)
def test_only_web_addresses_are_taken(given: object, address: str | None) -> None:
    assert web_address(BASE, given) == address


@pytest.mark.parametrize("size", range(1, 8))
def test_a_preview_survives_lost_padding(size: int) -> None:
    data = bytes(range(size))

    assert decode_preview(base64.b64encode(data).decode()) == data
    assert decode_preview(base64.b64encode(data).decode().rstrip("=")) == data


@pytest.mark.parametrize("content", [None, 5, "", "=", "ü", "A", "A" * (parts.MAX_PREVIEW_CHARS + 1)])
def test_what_is_no_preview_is_none(content: object) -> None:
    assert decode_preview(content) is None


def test_a_preview_of_a_data_address_is_read() -> None:
    assert decode_preview("data:image/jpeg;base64,/9j/\n4AAQ") == b"\xff\xd8\xff\xe0\x00\x10"


def test_a_picture_keeps_its_prompt_its_preview_and_its_thumbnail() -> None:
    pictures = Pictures(BASE)
    assert pictures.announce(Incoming(part_id="p", prompt="a cat")) == "a cat"
    had_any = pictures.has_any
    pictures.preview(Incoming(part_id="p", content="/9j/"))
    assert (had_any, pictures.has_any) == (False, True)

    made = pictures.make(Incoming(part_id="p", url="/1.png", thumbnail_url="/1.png/?w=270&qlt=90"))

    assert made is not None
    assert (made.url, made.prompt, made.preview) == (f"{BASE}/1.png", "a cat", b"\xff\xd8\xff")
    assert made.thumbnail_url == f"{BASE}/1.png/?w=270&qlt=90"
    assert pictures.take_previews() == []


def test_a_preview_that_cannot_be_read_leaves_the_one_before() -> None:
    pictures = Pictures(BASE)
    pictures.preview(Incoming(part_id="p", content="/9j/"))
    pictures.preview(Incoming(part_id="p", content=""))

    assert [image.preview for image in pictures.take_previews()] == [b"\xff\xd8\xff"]


def test_a_preview_that_was_never_finished_is_taken_once() -> None:
    pictures = Pictures(BASE)
    pictures.preview(Incoming(part_id="p", content="/9j/"))
    pictures.make(Incoming(part_id="q", url=None))

    assert [image.preview for image in pictures.take_previews()] == [b"\xff\xd8\xff"]
    assert pictures.take_previews() == []


def test_suggestions_are_put_together() -> None:
    suggestions = Suggestions()
    suggestions.complete(Incoming())
    suggestions.append(Incoming(text="Why"))
    suggestions.append(Incoming(text="?"))
    had_whole = suggestions.has_whole
    suggestions.complete(Incoming())
    suggestions.start(Incoming())
    suggestions.complete(Incoming())
    suggestions.complete(Incoming())

    assert (had_whole, suggestions.has_whole) == (False, True)
    assert suggestions.take() == ("Why?",)
    assert suggestions.take() == ()


def test_suggestions_without_end_are_bounded() -> None:
    suggestions = Suggestions()
    for number in range(100):
        suggestions.start(Incoming(text=str(number)))

    assert len(suggestions.take()) == parts.MAX_SUGGESTIONS
