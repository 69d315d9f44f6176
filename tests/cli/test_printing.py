"""A reply as plain text and as JSON."""

from __future__ import annotations

import json
import sys

import pytest

from jumpseat.cli.printing import Printer, reply_json
from jumpseat.model.events import (
    ChatEvent,
    Citation,
    Finished,
    ImageMade,
    Started,
    TextDelta,
    TextReplaced,
    Usage,
)
from jumpseat.model.reply import Reply


def printed(*events: ChatEvent) -> None:
    printer = Printer()
    for event in events:
        printer.show([event])
    printer.end()


def test_text_is_printed_as_it_comes_and_ends_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer()
    printer.show([Started(conversation_id="c"), TextDelta("Hello")])
    assert capsys.readouterr().out == "Hello"
    printer.show([TextDelta(", you"), Finished("stop")])
    printer.end()
    assert capsys.readouterr().out == ", you\n"


def test_an_escape_sequence_cut_over_two_events_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    printed(TextDelta("a\x1b[3"), TextDelta("1mb\n"))

    assert capsys.readouterr().out == "ab\n"


def test_a_new_text_that_goes_on_from_the_old_one_is_continued(capsys: pytest.CaptureFixture[str]) -> None:
    printed(TextDelta("One"), TextReplaced("One, two"))

    assert capsys.readouterr() == ("One, two\n", "")


def test_a_text_taken_back_is_told_and_the_new_one_follows(capsys: pytest.CaptureFixture[str]) -> None:
    printed(TextDelta("Yes"), TextReplaced("No."))

    out, err = capsys.readouterr()
    assert out == "Yes\nNo.\n"
    assert "took back" in err


def test_pictures_follow_as_markdown_and_a_lost_one_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    printed(
        ImageMade(url="https://p.example/1.png", prompt="a\ncat"),
        ImageMade(url=None, preview=b"x"),
        Finished("stop"),
    )

    out, err = capsys.readouterr()
    assert out == "![a cat](https://p.example/1.png)\n"
    assert "preview" in err


def test_sources_are_for_a_person(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Citation(url="https://s.example", title="A source")
    printed(TextDelta("Text"), source)
    assert capsys.readouterr().out == "Text\n"

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    printed(TextDelta("Text"), source)
    assert capsys.readouterr().out == "Text\n[1] A source https://s.example\n"


def test_json_holds_the_whole_reply_exactly() -> None:
    reply = Reply(
        text="Привет\x1b[31m\x9b\u202e",
        images=(
            ImageMade(url="https://p.example/1.png", prompt="a cat", preview=b"x"),
            ImageMade(url=None, preview=b"\x89PNG..."),
            ImageMade(url=None, preview=b"\xff\xd8"),
        ),
        citations=(Citation(url="https://s.example", title="A source"),),
        usage=Usage(input_tokens=1, output_tokens=2, estimated=True),
        finish_reason="stop",
    )

    line = reply_json(reply, model="microsoft/copilot", conversation_id="c")

    assert not set(line) & set("\x1b\x9b\u202e\n")
    values = json.loads(line)
    assert values["text"] == reply.text
    assert values["model"] == "microsoft/copilot"
    assert values["conversation_id"] == "c"
    assert values["finish_reason"] == "stop"
    assert values["usage"] == {"input_tokens": 1, "output_tokens": 2, "estimated": True}
    assert values["citations"][0]["url"] == "https://s.example"
    assert values["images"][0] == {"url": "https://p.example/1.png", "prompt": "a cat", "thumbnail_url": None}
    assert values["images"][1]["preview"].startswith("data:image/png;base64,")
    assert values["images"][2]["preview"].startswith("data:image/jpeg;base64,")
