"""Folding events into a reply."""

from __future__ import annotations

from jumpseat.model.events import (
    Citation,
    Finished,
    FollowupsSuggested,
    ImageMade,
    ImageStarted,
    ReasoningDelta,
    Started,
    TextDelta,
    TextReplaced,
    TitleGiven,
    Usage,
)
from jumpseat.model.reply import Reply, ReplyBuilder


def test_every_kind_of_event_finds_its_place() -> None:
    builder = ReplyBuilder()
    image = ImageMade(url="https://x/1.png", prompt="a cat", preview=b"\xff\xd8")
    citation = Citation(url="https://x", title="X")
    usage = Usage(input_tokens=1, output_tokens=2, estimated=True)
    builder.add([Started(conversation_id="c", message_id="m"), ReasoningDelta("hm"), TextDelta("Wel")])
    builder.add([TextDelta("l"), ImageStarted("a cat"), image, citation, TitleGiven("T")])
    builder.add([FollowupsSuggested(("More?",)), usage, Finished("stop")])

    assert builder.build() == Reply(
        text="Well",
        reasoning="hm",
        images=(image,),
        citations=(citation,),
        title="T",
        followups=("More?",),
        usage=usage,
        conversation_id="c",
        message_id="m",
        finish_reason="stop",
    )


def test_words_taken_back_leave_no_trace() -> None:
    builder = ReplyBuilder()
    builder.add([TextDelta("Yes"), TextReplaced("No"), TextDelta(".")])

    assert builder.build().text == "No."


def test_a_reply_prints_as_its_text() -> None:
    assert str(Reply(text="Hello")) == "Hello"


def test_a_reply_may_be_asked_for_at_any_moment() -> None:
    builder = ReplyBuilder()
    builder.add([TextDelta("Ha")])
    assert builder.build().finish_reason is None
    builder.add([TextDelta("lf")])
    assert builder.build().text == "Half"
